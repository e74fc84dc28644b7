// What somebody sees, shown to an administrator: counts and ids, and no title beyond the administrator's own.

import { fetchJson } from '../core/api.js';
import { button, problem, table } from '../core/admin.js';
import { h } from '../core/dom.js';
import { cleanLine } from '../core/text.js';

/** Show it in `root`, under a banner that says as whom one looks and ends it. */
export async function openView(root, user) {
  const body = h('div', {});
  const name = cleanLine(user.display_name || user.name);
  const banner = h('div', { class: 'viewing', role: 'status' }, h('strong', { i18n: ['people.viewing', { name }] }), h('span', { class: 'hint', i18n: 'people.viewing.hint' }), button('people.viewing.end', () => root.replaceChildren(), { class: 'button small primary', id: 'view-as-end' }));
  root.replaceChildren(h('section', { class: 'card view-as' }, banner, body));
  banner.querySelector('button').focus();
  await fill(body, user, []);
}

async function fill(body, user, before, cursor = '') {
  try {
    const page = await fetchJson(`/v1/access/view?user=${encodeURIComponent(user.name)}&limit=50&cursor=${encodeURIComponent(cursor)}`);
    const hidden = () => h('span', { class: 'hint', i18n: 'people.viewing.hidden' });
    const rows = [...before, ...page.items.map((one) => [one.title === null ? hidden() : cleanLine(one.title), cleanLine(one.space), h('code', { class: 'code', text: one.id })])];
    const counts = page.spaces.map((one) => h('li', { i18n: ['people.viewing.count', { title: cleanLine(one.title || one.name), count: one.documents }] }));
    const more = page.next_cursor ? [button('admin.more', () => fill(body, user, rows, page.next_cursor))] : [];
    const list = rows.length ? table(['people.title', 'access.space', 'audit.document'], rows, 'audit.items') : h('p', { class: 'hint', i18n: 'people.viewing.nothing' });
    body.replaceChildren(h('ul', { class: 'summary' }, ...counts), list, ...more);
  } catch (error) {
    body.replaceChildren(problem(error));
  }
}
