// Signing in with a token, and who one is.

import { fetchJson } from './core/api.js';
import { h } from './core/dom.js';
import { bindText, has, sentence } from './core/i18n.js';
import { forget, keepToken, setUser, token } from './core/session.js';
import { cleanLine } from './core/text.js';

const HEADER_SAFE = /^[\x21-\x7e]+$/;

/** The sign-in page; `onSignedIn(user)` follows a token that the server accepts. */
export class SignIn {
  constructor(root, onSignedIn) {
    this.root = root;
    this.onSignedIn = onSignedIn;
    this.input = root.querySelector('#token');
    this.error = root.querySelector('#token-error');
    this.button = root.querySelector('#signin-submit');
    root.querySelector('#signin-form').addEventListener('submit', (event) => {
      event.preventDefault();
      void this.submit(this.input.value.trim());
    });
  }

  /** Show the page, with a sentence when there is something to say. */
  show(key = null) {
    this.root.hidden = false;
    this.say(key ? [key] : null);
    this.input.focus();
  }

  /** Try the token of this tab; returns whether there was one. */
  async resume() {
    if (!token()) return false;
    await this.enter();
    return true;
  }

  async submit(value) {
    if (!value) return this.say(['signin.empty']);
    if (!HEADER_SAFE.test(value)) return this.say(['signin.malformed']);
    keepToken(value);
    return this.enter();
  }

  async enter() {
    this.button.disabled = true;
    bindText(this.button, 'signin.busy');
    try {
      const user = await fetchJson('/v1/me');
      setUser(user);
      this.input.value = '';
      this.root.hidden = true;
      this.say(null);
      this.onSignedIn(user);
    } catch (error) {
      // A token that could not be tried stays for the next attempt; one that was refused does not.
      if (error.status === 401) forget();
      this.root.hidden = false;
      this.say(sentence(error));
    } finally {
      this.button.disabled = false;
      bindText(this.button, 'signin.submit');
    }
  }

  say(message) {
    this.error.hidden = message === null;
    if (message) bindText(this.error, ...message);
    this.input.setAttribute('aria-invalid', String(message !== null));
  }
}

/** Fill the account panel. */
export function showAccount(panel, user, onSignOut) {
  const roles = user.roles.map((role) => h('span', { class: 'badge', i18n: has(`role.${role}`) ? `role.${role}` : ['raw', { value: role }] }));
  const groups = user.groups.map((name) => h('span', { class: 'badge', text: cleanLine(name) }));
  const spaces = user.spaces.map((space) => h('span', { class: 'badge', text: cleanLine(space.title || space.name) }));
  const line = (key, badges) => [h('dt', { i18n: key }), h('dd', {}, ...(badges.length ? badges : [h('span', { class: 'hint', i18n: 'account.none' })]))];
  panel.replaceChildren(
    h('p', { class: 'account-name', text: cleanLine(user.name) }),
    h('dl', {}, ...line('account.roles', roles), ...line('account.groups', groups), ...line('account.spaces', spaces)),
    h('button', { type: 'button', class: 'button wide', i18n: 'account.signout', 'data-action': 'signout', on: { click: onSignOut } }),
  );
}
