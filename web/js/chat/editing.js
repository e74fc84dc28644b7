// A question that is asked anew in other words, in the place of the one before and of all behind it.

import { h } from '../core/dom.js';
import { clean } from '../core/text.js';

/** Show `turn.question` in `asked` as a text to change; `turn.edit(turn, question)` is called with the new one. */
export function openEditor(turn, asked) {
  const shown = [...asked.childNodes];
  const input = h('textarea', { rows: '3', class: 'edit-text', i18nAttrs: { 'aria-label': 'edit.label' } });
  input.value = clean(turn.question);
  const close = () => {
    asked.classList.remove('editing');
    asked.replaceChildren(...shown);
    asked.querySelector('[data-action="edit"]').focus();
  };
  const submit = (event) => {
    event.preventDefault();
    const question = clean(input.value).trim();
    if (question) turn.edit(turn, question);
  };
  const key = (event) => {
    if (event.key !== 'Escape') return;
    event.stopPropagation();
    close();
  };
  const later = turn.element.nextElementSibling ? h('p', { class: 'hint', i18n: 'edit.later' }) : null;
  const cancel = h('button', { type: 'button', class: 'button small', i18n: 'edit.cancel', on: { click: close } });
  const send = h('button', { type: 'submit', class: 'button primary small', i18n: 'edit.send' });
  asked.classList.add('editing');
  asked.replaceChildren(h('form', { class: 'edit-form', on: { submit, keydown: key } }, input, later, h('div', { class: 'form-end' }, cancel, send)));
  input.focus();
}
