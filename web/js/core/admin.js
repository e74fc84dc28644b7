// What the pages for administrators share: tables, problems, saved files, and policies as lines of text.

import { fetchJson, request } from './api.js';
import { h, icon } from './dom.js';
import { dateTime, sentence } from './i18n.js';
import { cleanLine } from './text.js';

const KINDS = ['user', 'group', 'department', 'role'];
// People who read the page in Chinese write the kinds as it shows them.
const WRITTEN = { 用户: 'user', 账号: 'user', 用户组: 'group', 组: 'group', 部门: 'department', 岗位: 'role', 岗位角色: 'role', 角色: 'role' };

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
    if (line === 'everyone' || line === '所有人' || line === '所有账号') return [{ kind: 'everyone', name: '' }];
    const [, written, rest] = /^([a-z]+|[\u4e00-\u9fff]+)[:：]\s*(.+)$/.exec(line) ?? [];
    const kind = WRITTEN[written] ?? written;
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

/** What a change would do; what is too much to foresee can be made all the same, once that was said. */
export function foreseen(change) {
  return fetchJson('/v1/access/preview', { method: 'POST', json: { change, limit: 50 } }).then(effect, (error) => (error.code === 'access.preview_too_large' ? problem(error) : Promise.reject(error)));
}

/** Who gains and who loses, as the server foresees it; it tells those who may list the readers. */
function effect(told) {
  if (told.gaining === null) return h('p', { class: 'hint', role: 'status', i18n: 'access.untold' });
  if (!told.gaining && !told.losing) return h('p', { class: 'hint', role: 'status', i18n: 'access.nochange' });
  const rows = told.items.map((one) => [cleanLine(one.user.display_name || one.user.name), ...['gained', 'lost'].map((side) => amounts(side, one))]);
  const ofParts = told.parts_gained || told.parts_lost;
  const ofDocuments = told.gained || told.lost || !ofParts;
  const list = rows.length ? [table(['access.person', 'access.gained', 'access.lost'], rows, 'access.check')] : [];
  const lines = [...(ofDocuments ? ['access.effect'] : []), ...(ofParts ? [ofDocuments ? 'access.effect.parts' : 'access.effect.partsalone'] : [])];
  return h('div', { class: 'effect', role: 'status' }, ...lines.map((key) => h('p', { i18n: [key, told] })), ...list);
}

/** How many documents and parts somebody gains or loses. */
function amounts(side, one) {
  const sign = side === 'gained' ? '+' : '−';
  const parts = one[`parts_${side}`];
  return h('span', { class: side === 'gained' ? 'gain' : 'loss' }, one[side] ? `${sign}${one[side]} ` : '', ...(parts ? [h('span', { i18n: ['access.parts', { count: `${sign}${parts}` }] })] : []));
}

/** A time in words, empty where there is none. */
export function when(iso) {
  return dateTime(Date.parse(iso) / 1000);
}
