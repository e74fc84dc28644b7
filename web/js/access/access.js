// Folders of a space and their policies; what a change does to people is shown before it is made.

import { fetchJson, request } from '../core/api.js';
import { button, field, foreseen, linesOf, problem, subjectsOf } from '../core/admin.js';
import { announce, h } from '../core/dom.js';
import { t } from '../core/i18n.js';
import { currentUser, spacesWith } from '../core/session.js';
import { cleanLine } from '../core/text.js';
import { PolicyForm } from './form.js';

/** The page; `load()` reads the spaces that the user manages. */
export class Access {
  /** `onSpaces(user)` is called when the user has a space more. */
  constructor(root, onSpaces) {
    this.root = root;
    this.onSpaces = onSpaces;
  }

  reset() {
    this.root.replaceChildren();
  }

  async load(chosen = null) {
    const spaces = spacesWith('can_manage');
    this.space = h('select', { id: 'access-space', on: { change: () => this.open() } }, ...spaces.map((one) => h('option', { value: one.name, text: cleanLine(one.title || one.name), selected: one.name === chosen })));
    this.places = h('ul', { class: 'places', id: 'access-places' });
    this.name = h('input', { id: 'access-folder', maxlength: '256', autocomplete: 'off' });
    this.said = h('div', {});
    this.editor = h('section', { class: 'card editor' });
    const add = h('form', { class: 'line', novalidate: true, on: { submit: (event) => { event.preventDefault(); void this.add(); } } }, field('access.newfolder', this.name), h('button', { type: 'submit', class: 'button small', i18n: 'access.add' }));
    this.root.replaceChildren(h('div', { class: 'column wide admin' }, h('h1', { i18n: 'access.title' }), this.said, h('div', { class: 'split' }, h('section', { class: 'card side-list' }, field('access.space', this.space), this.places, add, ...this.newSpace()), this.editor)));
    if (spaces.length) return this.open();
    this.places.replaceChildren(h('li', { class: 'hint', i18n: 'admin.none' }));
    add.hidden = true;
    this.editor.replaceChildren(h('p', { class: 'hint', i18n: 'access.nospace' }));
  }

  /** The form of a new space, for administrators: whoever makes it uploads into it and manages it, and nobody reads it yet. */
  newSpace() {
    if (!this.administrator) return [];
    const [title, name] = [h('input', { id: 'space-title', maxlength: '256', autocomplete: 'off' }), h('input', { id: 'space-name', maxlength: '128', autocomplete: 'off', autocapitalize: 'none' })];
    const submit = (event) => {
      event.preventDefault();
      void this.attempt(async () => {
        const mine = [{ kind: 'user', name: currentUser().name }];
        const key = cleanLine(name.value);
        await request('/v1/spaces', { method: 'POST', json: { name: key, title: cleanLine(title.value), readers: mine, contributors: mine, managers: mine } });
        this.onSpaces(await fetchJson('/v1/me'));
        await this.load(key);
      });
    };
    const form = h('form', { class: 'part', novalidate: true, on: { submit } }, field('access.spacetitle', title), field('access.spacename', name), h('div', {}, h('button', { type: 'submit', class: 'button small', i18n: 'access.newspace' })));
    return [h('details', { class: 'conditions', id: 'new-space', open: !spacesWith('can_manage').length }, h('summary', { i18n: 'access.newspace' }), form)];
  }

  async attempt(work) {
    this.said.replaceChildren();
    try {
      return await work();
    } catch (error) {
      this.said.replaceChildren(problem(error));
      return null;
    }
  }

  get administrator() {
    return currentUser()?.roles.includes('administrator');
  }

  async open() {
    await this.attempt(async () => {
      const { items } = await fetchJson(`/v1/folders?space=${encodeURIComponent(this.space.value)}`).catch((error) => (error.status === 404 ? { items: [] } : Promise.reject(error)));
      this.folders = items;
      this.places.replaceChildren(this.place(null, 0), ...this.below(null, 1));
      await this.edit(this.administrator ? null : (items[0] ?? null));
    });
  }

  below(parent, depth) {
    return this.folders.filter((one) => one.parent_id === parent).flatMap((one) => [this.place(one, depth), ...this.below(one.id, depth + 1)]);
  }

  place(folder, depth) {
    const props = folder ? { text: cleanLine(folder.name) } : { i18n: 'access.root' };
    const open = h('button', { type: 'button', class: `place depth-${Math.min(depth, 6)}`, 'data-folder': folder?.id ?? '', on: { click: () => this.edit(folder) }, ...props });
    return h('li', {}, open);
  }

  async add() {
    const name = cleanLine(this.name.value);
    if (!name) return;
    await this.attempt(async () => {
      await fetchJson('/v1/folders', { method: 'POST', json: { space: this.space.value, name, parent_id: this.folder?.id ?? null } });
      this.name.value = '';
      await this.open();
    });
  }

  /** Show what a folder, or the space itself, says. */
  async edit(folder) {
    this.folder = folder;
    for (const one of this.places.querySelectorAll('button')) one.setAttribute('aria-pressed', String(one.dataset.folder === (folder?.id ?? '')));
    if (!folder && !this.administrator) return this.editor.replaceChildren(h('p', { class: 'hint', i18n: 'admin.none' }));
    // Nothing can be typed into a form that is about to be replaced.
    const waiting = h('p', { class: 'working', i18n: 'admin.load' });
    this.editor.replaceChildren(waiting);
    return this.attempt(async () => {
      const policy = folder ? await fetchJson(`/v1/folders/${encodeURIComponent(folder.id)}/policy`) : await this.ofSpace();
      if (waiting.isConnected) this.show(policy);
    });
  }

  async ofSpace() {
    const { items } = await fetchJson('/v1/spaces');
    this.stored = items.find((one) => one.name === this.space.value);
    return { ...this.stored, allow: this.stored.readers, deny: this.stored.denied, inherits: false };
  }

  show(policy) {
    this.form = new PolicyForm(policy, () => this.effect.replaceChildren(), this.folder && 'access.inherits');
    this.effect = h('div', { class: 'effect-place', 'aria-live': 'polite' });
    const remove = this.folder ? [button('access.delete', () => this.remove(), { class: 'button small quiet' })] : [];
    const area = (name) => h('textarea', { id: `access-${name}`, rows: '3', spellcheck: 'false' }, linesOf(this.stored[name]));
    this.rights = this.folder ? {} : { contributors: area('contributors'), managers: area('managers') };
    this.editor.replaceChildren(
      h('h2', this.folder ? { text: cleanLine(this.folder.name) } : { i18n: 'access.root' }),
      ...this.form.elements,
      ...Object.entries(this.rights).map(([name, control]) => field(`access.${name}`, control)),
      h('div', { class: 'form-end' }, ...remove, h('button', { type: 'button', id: 'access-check', class: 'button primary', i18n: 'access.check', on: { click: () => this.check() } })),
      this.effect,
    );
  }

  /** Ask what the change would do; only then it can be made. */
  async check() {
    await this.attempt(async () => {
      const policy = this.form.value();
      const change = this.folder ? { kind: 'folder', id: this.folder.id, policy } : { kind: 'space', name: this.space.value, policy };
      const told = await foreseen(change);
      const apply = h('button', { type: 'button', id: 'access-apply', class: 'button primary', i18n: 'access.apply', on: { click: () => this.apply(policy) } });
      this.effect.replaceChildren(told, h('div', { class: 'form-end' }, apply));
      apply.focus();
    });
  }

  async apply(policy) {
    await this.attempt(async () => {
      if (this.folder) await request(`/v1/folders/${encodeURIComponent(this.folder.id)}/policy`, { method: 'PUT', json: policy });
      else {
        const { allow, deny, inherits, ...conditions } = policy;
        const [contributors, managers] = ['contributors', 'managers'].map((name) => subjectsOf(this.rights[name].value));
        const { title } = this.stored;
        await request(`/v1/spaces/${encodeURIComponent(this.space.value)}`, { method: 'PUT', json: { ...conditions, readers: allow, denied: deny, title, contributors, managers } });
      }
      this.effect.replaceChildren(h('p', { class: 'saved', role: 'status', i18n: 'access.saved' }));
      announce(t('access.saved'));
    });
  }

  async remove() {
    await this.attempt(async () => {
      await request(`/v1/folders/${encodeURIComponent(this.folder.id)}`, { method: 'DELETE' });
      await this.open();
    });
  }
}
