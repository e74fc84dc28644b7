// A dialog on a document: whether somebody may read it and why, and everybody who can.

import { fetchJson } from '../core/api.js';
import { button, field, problem, saveFile, table } from '../core/admin.js';
import { h, iconButton } from '../core/dom.js';
import { cleanLine } from '../core/text.js';
import { described } from './outline.js';

/** Open the dialog on document `item`; `manages` lets the user ask about others. */
export async function openExplain(item, manages) {
  const id = encodeURIComponent(item.id);
  const told = h('div', { class: 'why', 'aria-live': 'polite' });
  const people = h('section', {});
  const name = h('input', { id: 'why-user', maxlength: '128', autocomplete: 'off' });
  const dialog = h('dialog', { class: 'panel explain', 'aria-labelledby': 'why-title' });
  const ask = async () => {
    const user = cleanLine(name.value);
    try {
      told.replaceChildren(explanation(await fetchJson(`/v1/access/explain?document=${id}${user ? `&user=${encodeURIComponent(user)}` : ''}`)));
    } catch (error) {
      told.replaceChildren(problem(error));
    }
  };
  const form = h('form', { class: 'line', novalidate: true, on: { submit: (event) => { event.preventDefault(); void ask(); } } }, field('why.user', name), h('button', { type: 'submit', class: 'button primary', i18n: 'why.ask' }));
  dialog.append(
    h('header', { class: 'details-head' }, h('h2', { id: 'why-title', i18n: 'why.title' }), iconButton('close', 'admin.close', () => dialog.close())),
    h('div', { class: 'details-body' }, h('p', { class: 'hint', text: cleanLine(item.title) || item.id }), ...(manages ? [form] : []), told, people),
  );
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  await ask();
  if (manages) await showReaders(people, id, []);
}

async function showReaders(root, id, before, cursor = null) {
  try {
    const page = await fetchJson(`/v1/access/readers?document=${id}&limit=50${cursor ? `&cursor=${cursor}` : ''}`);
    const rows = [...before, ...page.items.map((one) => [cleanLine(one.user.display_name || one.user.name), cleanLine(one.user.name), cleanLine(one.deciding.message), one.closed_parts ? String(one.closed_parts) : ''])];
    const more = page.next_cursor ? [button('admin.more', () => showReaders(root, id, rows, page.next_cursor))] : [];
    const list = rows.length ? table(['people.display', 'people.name', 'why.title', 'why.closedparts'], rows, 'why.title') : h('p', { class: 'hint', i18n: 'why.readers.none' });
    const save = button('why.export', () => saveFile(`/v1/access/readers/export?document=${id}&format=csv`, 'readers.csv'));
    root.replaceChildren(h('h3', { i18n: ['why.readers', { total: page.total }] }), list, ...more, save);
  } catch (error) {
    root.replaceChildren(problem(error));
  }
}

/** The decision, then each rule with what failed and whom it names. */
export function explanation(told) {
  const head = h('p', { class: `verdict ${told.allowed ? 'good' : 'bad'}`, 'data-code': told.code }, h('strong', { i18n: told.allowed ? 'why.allowed' : 'why.refused' }), ' ', h('span', { text: cleanLine(told.message) }), ' ', h('code', { class: 'code', text: told.code }));
  const others = told.against.filter((one) => one.code !== told.code).map((one) => h('li', { text: cleanLine(one.message) }));
  const rules = told.rules.map((rule) => {
    const place = h('p', { class: 'rule-place' }, h('span', { class: 'badge', i18n: `why.place.${rule.place.kind}` }), ' ', h('strong', { text: cleanLine(rule.place.name) || rule.place.id }), ' ', h('small', { class: 'hint', i18n: rule.inherits ? 'why.inherits' : 'why.stands' }));
    const lines = [...rule.failed.map((one) => line('bad', one.message)), ...rule.matches.map((one) => line(one.counts ? (one.effect === 'deny' ? 'bad' : 'good') : 'idle', one.message))];
    return h('li', {}, place, lines.length ? h('ul', { class: 'plain' }, ...lines) : h('p', { class: 'hint', i18n: 'why.nomatch' }));
  });
  const parts = told.parts.map((one) => h('li', { class: `rule-line ${one.allowed ? 'good' : 'bad'}` }, ...described(one.selector), ' ', h('span', { text: cleanLine(one.message) })));
  const ofParts = parts.length ? [h('h3', { i18n: 'why.parts' }), h('ul', { class: 'plain' }, ...parts)] : [];
  return h('div', {}, head, ...(others.length ? [h('ul', { class: 'summary' }, ...others)] : []), h('h3', { i18n: 'why.rules' }), h('ol', { class: 'rules' }, ...rules), ...ofParts);
}

function line(tone, text) {
  return h('li', { class: `rule-line ${tone}`, text: cleanLine(text) });
}
