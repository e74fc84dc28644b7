// What the pages for administrators share: tables, problems, saved files, and policies as lines of text.

import { request } from './api.js';
import { h, icon } from './dom.js';
import { dateTime, sentence } from './i18n.js';
import { cleanLine } from './text.js';

const KINDS = ['user', 'group', 'department', 'role'];

/** An entry that cannot be sent; `sentence` is the key of what to tell. */
export class LineError extends Error {
  constructor(key, line) {
    super(key);
    this.told = [key, { line }];
  }
}

/** A table with a row of headings (keys) and rows of cells. */
export function table(keys, rows, label) {
  const head = h('tr', {}, ...keys.map((key) => h('th', { scope: 'col', ...(key && { i18n: key }) })));
  const body = rows.map((cells) => h('tr', {}, ...cells.map((cell) => h('td', {}, ...[cell].flat()))));
  return h('div', { class: 'table-scroll', tabindex: '0', role: 'region', i18nAttrs: { 'aria-label': label } }, h('table', { class: 'admin-table' }, h('thead', {}, head), h('tbody', {}, ...body)));
}

/** What went wrong, said where it happened. */
export function problem(error) {
  return h('div', { class: 'problem', role: 'alert' }, icon('warn'), h('span', { i18n: error?.told ?? sentence(error) }));
}

/** A label with its control. */
export function field(key, control) {
  return h('label', { class: 'field' }, h('span', { i18n: key }), control);
}

/** A button with a sentence. */
export function button(key, handler, props = {}) {
  return h('button', { type: 'button', class: 'button small', i18n: key, on: { click: handler }, ...props });
}

/** Save what the server sends as a file. */
export async function saveFile(path, name) {
  const blob = await (await request(path, { accept: '*/*' })).blob();
  const url = URL.createObjectURL(blob);
  const link = h('a', { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  URL.revokeObjectURL(url);
}

/** `user:li`, one a line, as the subjects that the server takes; empty lines are none. */
export function subjectsOf(text, bare = null) {
  const lines = text.split('\n').map((line) => cleanLine(line));
  return lines.flatMap((line, number) => {
    if (!line) return [];
    if (line === 'everyone') return [{ kind: 'everyone', name: '' }];
    const [, kind, rest] = /^([a-z]+)[:：]\s*(.+)$/.exec(line) ?? [];
    if (KINDS.includes(kind)) return [{ kind, name: rest }];
    if (bare && !/[:：]/.test(line)) return [{ kind: bare, name: line }];
    throw new LineError('access.kind', number + 1);
  });
}

/** Subjects as lines; `bare` is the kind that is written without its name. */
export function linesOf(subjects, bare = null) {
  return subjects.map(({ kind, name }) => (kind === 'everyone' ? 'everyone' : kind === bare ? cleanLine(name) : `${kind}:${cleanLine(name)}`)).join('\n');
}

/** Words between commas. */
export function words(text) {
  return text.split(/[,，、;；]/).map((word) => cleanLine(word)).filter(Boolean);
}

/** Who gains and who loses, as the server foresees it. */
export function effect(told) {
  if (!told.items.length) return h('p', { class: 'hint', i18n: 'access.nochange' });
  const rows = told.items.map((one) => [cleanLine(one.user.display_name || one.user.name), h('span', { class: 'gain', text: one.gained ? `+${one.gained}` : '' }), h('span', { class: 'loss', text: one.lost ? `−${one.lost}` : '' })]);
  return h('div', { class: 'effect' }, h('p', { role: 'status', i18n: ['access.effect', told] }), table(['access.person', 'access.gained', 'access.lost'], rows, 'access.check'));
}

/** A time in words, empty where there is none. */
export function when(iso) {
  return dateTime(Date.parse(iso) / 1000);
}
