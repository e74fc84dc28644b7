// Signing in – with a password, at an issuer, with a token – and who one is.

import { fetchJson, request } from './core/api.js';
import { h } from './core/dom.js';
import { bindText, has, sentence } from './core/i18n.js';
import { currentUser, forget, keepSession, keepToken, mayHaveSession, sessionProof, setUser, token } from './core/session.js';
import { cleanLine } from './core/text.js';
import { passwordForm } from './account/password.js';

const HEADER_SAFE = /^[\x21-\x7e]+$/;
const TOKEN = { form: 'signin-form', error: 'token-error', button: 'signin-submit' };
const PASSWORD = { form: 'password-form', error: 'password-error', button: 'password-submit' };

/** The sign-in page; `onSignedIn(user)` follows when the server knows who one is. */
export class SignIn {
  constructor(root, onSignedIn) {
    this.root = root;
    this.onSignedIn = onSignedIn;
    this.input = root.querySelector('#token');
    this.name = root.querySelector('#signin-name');
    this.password = root.querySelector('#signin-password');
    this.issuers = root.querySelector('#issuers');
    this.toggle = root.querySelector('#token-way');
    this.way = TOKEN;
    this.listen(TOKEN, () => this.submitToken(this.input.value.trim()));
    this.listen(PASSWORD, () => this.submitPassword(this.name.value.trim(), this.password.value));
    this.toggle.addEventListener('click', () => this.openToken(this.form(TOKEN).hidden));
  }

  /** Show the page, with a sentence when there is something to say. */
  async show(key = null) {
    await this.learn();
    this.root.hidden = false;
    this.say(key ? [key] : null);
    (this.way === PASSWORD ? this.name : this.input).focus();
  }

  /** Go on with the token of this tab or the session of this browser; returns whether there was one. */
  async resume() {
    const query = new URLSearchParams(location.search);
    const returned = query.get('signin');
    if (returned !== null) {
      query.delete('signin');
      history.replaceState(null, '', `/${query.size ? `?${query}` : ''}${location.hash}`);
    }
    if (returned !== null && returned !== 'ok') {
      const key = `signin.error.${returned.replace('auth.', '')}`;
      await this.show(has(key) ? key : 'signin.error.other');
      return true;
    }
    if (token()) await this.enter();
    else if (returned === 'ok' || mayHaveSession()) await this.enterSession();
    else return false;
    return true;
  }

  /** Ask the server how people may sign in here; a token always may be used. */
  async learn() {
    const ways = await fetchJson('/v1/session/ways').catch(() => ({ passwords: false, issuers: [] }));
    const others = ways.passwords || ways.issuers.length > 0;
    this.way = ways.passwords ? PASSWORD : TOKEN;
    this.form(PASSWORD).hidden = !ways.passwords;
    this.issuers.hidden = ways.issuers.length === 0;
    this.issuers.replaceChildren(...ways.issuers.map((one) => h('a', { class: 'button', href: `/v1/session/issuers/${encodeURIComponent(one.name)}`, i18n: ['signin.at', { title: cleanLine(one.title) }] })));
    this.toggle.hidden = !others;
    this.openToken(!others);
  }

  openToken(open) {
    this.form(TOKEN).hidden = !open;
    this.toggle.setAttribute('aria-expanded', String(open));
    if (open && !this.root.hidden) this.input.focus();
  }

  async submitToken(value) {
    this.way = TOKEN;
    if (!value) return this.say(['signin.empty']);
    if (!HEADER_SAFE.test(value)) return this.say(['signin.malformed']);
    keepToken(value);
    return this.enter();
  }

  async submitPassword(name, password) {
    this.way = PASSWORD;
    if (!name || !password) return this.say(['signin.incomplete']);
    this.password.value = '';
    return this.busy(async () => {
      forget();
      const session = await fetchJson('/v1/session', { method: 'POST', json: { name, password } });
      keepSession(session.csrf);
      if (session.must_change_password) this.demandChange();
      else await this.introduce();
    });
  }

  async enterSession() {
    return this.busy(async () => {
      const session = await fetchJson('/v1/session');
      keepSession(session.csrf);
      if (session.must_change_password) this.demandChange();
      else await this.introduce();
    });
  }

  async enter() {
    return this.busy(() => this.introduce());
  }

  async introduce() {
    const user = await fetchJson('/v1/me');
    setUser(user);
    this.input.value = '';
    this.root.hidden = true;
    this.say(null);
    this.onSignedIn(user);
  }

  /** Nothing goes on before there is a new password. */
  demandChange() {
    this.root.hidden = false;
    this.say(null);
    const dialog = h('dialog', { class: 'panel security', 'aria-labelledby': 'demand-title' });
    const form = passwordForm(async () => {
      dialog.close();
      await this.enter();
    });
    dialog.append(h('h2', { id: 'demand-title', i18n: 'signin.change' }), form);
    dialog.addEventListener('close', () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
  }

  /** Run `work` with the buttons asleep; what goes wrong is said. */
  async busy(work) {
    const button = document.getElementById(this.way.button);
    button.disabled = true;
    bindText(button, 'signin.busy');
    try {
      await work();
    } catch (error) {
      // A token that could not be tried stays for the next attempt; one that was refused does not.
      if (error.status === 401) forget();
      if (this.root.hidden) await this.show();
      this.say(sentence(error));
    } finally {
      button.disabled = false;
      bindText(button, 'signin.submit');
    }
  }

  say(message) {
    for (const way of [TOKEN, PASSWORD]) {
      const line = document.getElementById(way.error);
      const said = message !== null && way === this.way;
      line.hidden = !said;
      if (said) bindText(line, ...message);
    }
    this.input.setAttribute('aria-invalid', String(message !== null && this.way === TOKEN));
    this.password.setAttribute('aria-invalid', String(message !== null && this.way === PASSWORD));
  }

  form(way) {
    return document.getElementById(way.form);
  }

  listen(way, submit) {
    this.form(way).addEventListener('submit', (event) => {
      event.preventDefault();
      void submit();
    });
  }
}

/** End the session at the server too; whatever it answers, the page forgets. */
export async function endSession() {
  if (currentUser() && sessionProof()) await request('/v1/session', { method: 'DELETE' }).catch(() => undefined);
}

/** Fill the account panel. */
export function showAccount(panel, user, onSecurity, onSignOut) {
  const roles = user.roles.map((role) => h('span', { class: 'badge', i18n: has(`role.${role}`) ? `role.${role}` : ['raw', { value: role }] }));
  const groups = user.groups.map((name) => h('span', { class: 'badge', text: cleanLine(name) }));
  const spaces = user.spaces.map((space) => h('span', { class: 'badge', text: cleanLine(space.title || space.name) }));
  const line = (key, badges) => [h('dt', { i18n: key }), h('dd', {}, ...(badges.length ? badges : [h('span', { class: 'hint', i18n: 'account.none' })]))];
  panel.replaceChildren(
    h('p', { class: 'account-name', text: cleanLine(user.name) }),
    h('dl', {}, ...line('account.roles', roles), ...line('account.groups', groups), ...line('account.spaces', spaces)),
    h('button', { type: 'button', class: 'button quiet wide', i18n: 'account.security', 'data-action': 'security', on: { click: onSecurity } }),
    h('button', { type: 'button', class: 'button wide', i18n: 'account.signout', 'data-action': 'signout', on: { click: onSignOut } }),
  );
}
