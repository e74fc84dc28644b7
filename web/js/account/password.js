// The form that changes one's own password.

import { request } from '../core/api.js';
import { h } from '../core/dom.js';
import { bindText, sentence } from '../core/i18n.js';

/** Return the form; `onChanged()` follows when the server has taken the new password. */
export function passwordForm(onChanged) {
  const field = (name, complete) => h('input', { id: `password-${name}`, type: 'password', autocomplete: complete, maxlength: 1024, required: true, 'aria-describedby': 'password-hint password-said' });
  const old = field('old', 'current-password');
  const next = field('new', 'new-password');
  const said = h('p', { id: 'password-said', class: 'form-error', role: 'alert', hidden: true });
  const submit = async (event) => {
    event.preventDefault();
    said.hidden = true;
    try {
      await request('/v1/me/password', { method: 'PUT', json: { old: old.value, new: next.value } });
      old.value = next.value = '';
      await onChanged();
    } catch (error) {
      bindText(said, ...sentence(error));
      said.hidden = false;
    }
  };
  return h(
    'form',
    { novalidate: true, on: { submit } },
    h('label', { for: 'password-old', i18n: 'account.password.old' }),
    old,
    h('label', { for: 'password-new', i18n: 'account.password.new' }),
    next,
    h('p', { id: 'password-hint', class: 'hint', i18n: 'account.password.hint' }),
    said,
    h('button', { type: 'submit', class: 'button primary', i18n: 'account.password.save' }),
  );
}
