// A dialog on a stored conversation: with whom it is shared. They see of it what they may read themselves.

import { fetchJson, request } from '../core/api.js';
import { field, linesOf, problem, subjectsOf } from '../core/admin.js';
import { h, iconButton } from '../core/dom.js';
import { t } from '../core/i18n.js';
import { cleanLine } from '../core/text.js';

/** Open the dialog on conversation `one`. */
export async function openSharing(one) {
  const path = `/v1/conversations/${encodeURIComponent(one.id)}/shares`;
  const people = h('textarea', { id: 'share-with', rows: '5', spellcheck: 'false', autocomplete: 'off', disabled: true });
  const button = h('button', { type: 'submit', class: 'button primary', disabled: true, i18n: 'admin.save' });
  const told = h('div', { 'aria-live': 'polite' });
  const dialog = h('dialog', { class: 'panel explain', 'aria-labelledby': 'share-title' });
  const save = async (event) => {
    event.preventDefault();
    try {
      const { viewers } = await (await request(path, { method: 'PUT', json: { viewers: subjectsOf(people.value, 'user') } })).json();
      people.value = linesOf(viewers, 'user');
      told.replaceChildren(h('p', { class: 'hint', role: 'status', i18n: [viewers.length ? 'share.done' : 'share.nobody', { count: viewers.length }] }));
    } catch (error) {
      told.replaceChildren(problem(error));
    }
  };
  const form = h('form', { class: 'sharing', novalidate: true, on: { submit: save } }, field('share.with', people), h('p', { class: 'hint', i18n: 'share.hint' }), told, h('div', { class: 'form-end' }, button));
  dialog.append(
    h('header', { class: 'details-head' }, h('h2', { id: 'share-title', i18n: 'share.title' }), iconButton('close', 'admin.close', () => dialog.close())),
    h('div', { class: 'details-body' }, h('p', { class: 'hint', text: cleanLine(one.title) || t('history.untitled') }), form),
  );
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  try {
    people.value = linesOf((await fetchJson(path)).viewers, 'user');
    // Only now: what is typed before would be overwritten, and what is saved before would take others away.
    people.disabled = button.disabled = false;
  } catch (error) {
    told.replaceChildren(problem(error));
  }
}
