// Whether a document is kept out of search and answers, for those who manage it.

import { request } from '../core/api.js';
import { h } from '../core/dom.js';
import { sentence } from '../core/i18n.js';

/** The section of `details` about quarantine; `reason` is nothing for a document that is not in it. */
export function quarantineSection(details, path, reason) {
  const held = Boolean(reason);
  const problem = h('p', { class: 'problem', role: 'alert', hidden: true });
  const button = h('button', {
    type: 'button',
    class: 'button small',
    i18n: held ? 'quarantine.release' : 'quarantine.put',
    'data-action': 'quarantine',
    on: { click: change },
  });

  async function change() {
    button.disabled = true;
    try {
      const { signal } = details.control;
      if (held) await request(`${path}/quarantine`, { method: 'DELETE', signal });
      else await request(`${path}/quarantine`, { method: 'PUT', json: { reason: 'other' }, signal });
      await details.load();
    } catch (error) {
      button.disabled = false;
      problem.hidden = false;
      problem.replaceChildren(h('span', { i18n: sentence(error) }));
    }
  }

  const state = held ? h('span', { class: 'state bad', i18n: 'quarantine.held' }) : null;
  const hint = h('p', { class: 'hint', i18n: held ? 'quarantine.held.hint' : 'quarantine.hint' });
  return h('section', { class: 'quarantine' }, h('h3', { i18n: 'quarantine.title' }), hint, h('div', {}, state, ' ', button), problem);
}
