// One's own password, sessions and tokens, in a dialog.

import { fetchJson, request } from '../core/api.js';
import { announce, h, iconButton } from '../core/dom.js';
import { bindText, dateTime, sentence, t } from '../core/i18n.js';
import { sessionProof } from '../core/session.js';
import { cleanLine } from '../core/text.js';
import { passwordForm } from './password.js';

const OFFERED = ['ask', 'read', 'upload', 'manage', 'evaluate'];
const USUAL = ['ask', 'read'];

/** Open the dialog; it is gone when it closes. */
export async function openSecurity() {
  const said = h('p', { class: 'form-error', role: 'alert', hidden: true });
  const sessions = h('ul', { id: 'own-sessions' });
  const tokens = h('ul', { id: 'own-tokens' });
  const made = h('div', { hidden: true });
  const attempt = async (work) => {
    said.hidden = true;
    try {
      await work();
    } catch (error) {
      bindText(said, ...sentence(error));
      said.hidden = false;
    }
  };
  const end = (path) => attempt(async () => {
    await request(path, { method: 'DELETE' });
    await load();
  });
  const load = async () => {
    const [open, known] = await Promise.all([fetchJson('/v1/me/sessions'), fetchJson('/v1/me/tokens')]);
    sessions.replaceChildren(...open.items.map((one) => sessionLine(one, end)));
    tokens.replaceChildren(...(known.items.length ? known.items.map((one) => tokenLine(one, end)) : [h('li', { class: 'hint', i18n: 'account.token.none' })]));
  };
  const make = (body) => attempt(async () => {
    const issued = await fetchJson('/v1/me/tokens', { method: 'POST', json: body });
    made.replaceChildren(h('p', { i18n: 'account.token.made' }), h('p', { class: 'secret', text: issued.token }));
    made.hidden = false;
    await load();
  });
  const changed = async () => {
    announce(t('account.password.saved'));
    await attempt(load);
  };
  const dialog = h('dialog', { class: 'panel security', 'aria-labelledby': 'security-title' });
  const section = (key, ...content) => h('section', {}, h('h3', { i18n: key }), ...content);
  dialog.append(
    h('header', {}, h('h2', { id: 'security-title', i18n: 'account.security' }), iconButton('close', 'account.close', () => dialog.close())),
    said,
    ...(sessionProof() ? [section('account.password', passwordForm(changed))] : []),
    section('account.sessions', sessions),
    section('account.tokens', tokens, made, tokenForm(make)),
  );
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  await attempt(load);
}

function sessionLine(one, end) {
  const name = h('span', { text: cleanLine(one.agent) || cleanLine(one.method) });
  const mark = one.current ? h('span', { class: 'badge', i18n: 'account.session.current' }) : endButton('account.session.end', () => end(`/v1/me/sessions/${encodeURIComponent(one.id)}`));
  return h('li', { 'data-session': one.id }, name, mark, h('small', { i18n: ['account.session.seen', { when: dateTime(one.seen_at), address: cleanLine(one.address) }] }));
}

function tokenLine(one, end) {
  const name = h('span', { text: `${cleanLine(one.name) || '–'} · ${cleanLine(one.prefix)}…` });
  const scopes = one.scopes === null ? t('scope.all') : one.scopes.map((scope) => t(`scope.${scope}`)).join(' · ');
  const until = one.expires_at === null ? t('account.token.forever') : t('account.token.until', { when: dateTime(one.expires_at) });
  const used = one.last_used_at === null ? t('account.token.unused') : t('account.token.used', { when: dateTime(one.last_used_at) });
  return h('li', { 'data-token': one.id }, name, endButton('account.token.revoke', () => end(`/v1/me/tokens/${encodeURIComponent(one.id)}`)), h('small', { text: `${scopes} — ${until} — ${used}` }));
}

function endButton(key, handler) {
  return h('button', { type: 'button', class: 'button quiet small', i18n: key, on: { click: handler } });
}

function tokenForm(make) {
  const name = h('input', { id: 'token-name', maxlength: 128, autocomplete: 'off' });
  const days = h('input', { id: 'token-days', type: 'number', min: 1, max: 365, value: 90 });
  const boxes = OFFERED.map((scope) => h('input', { type: 'checkbox', value: scope, checked: USUAL.includes(scope) }));
  const submit = (event) => {
    event.preventDefault();
    const scopes = boxes.filter((box) => box.checked).map((box) => box.value);
    void make({ name: name.value, scopes, expires_in_days: Number(days.value) });
  };
  const choices = boxes.map((box) => h('label', {}, box, ' ', h('span', { i18n: `scope.${box.value}` })));
  return h(
    'form',
    { novalidate: true, on: { submit } },
    h('label', { for: 'token-name', i18n: 'account.token.name' }),
    name,
    h('label', { for: 'token-days', i18n: 'account.token.days' }),
    days,
    h('fieldset', {}, h('legend', { i18n: 'account.token.scopes' }), h('div', { class: 'choices' }, ...choices)),
    h('button', { type: 'submit', class: 'button', i18n: 'account.token.make' }),
  );
}
