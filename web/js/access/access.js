// Folders of a space and their policies; what a change does to people is shown before it is made.

import { fetchJson, request } from '../core/api.js';
import { button, effect, field, linesOf, problem, subjectsOf, words } from '../core/admin.js';
import { announce, h } from '../core/dom.js';
import { language, t } from '../core/i18n.js';
import { currentUser, spacesWith } from '../core/session.js';
import { cleanLine } from '../core/text.js';

/** The page; `load()` reads the spaces that the user manages. */
export class Access {
  constructor(root) {
    this.root = root;
  }

  reset() {
    this.root.replaceChildren();
  }

  async load() {
    const spaces = spacesWith('can_manage');
    this.space = h('select', { id: 'access-space', on: { change: () => this.open() } }, ...spaces.map((one) => h('option', { value: one.name, text: cleanLine(one.title || one.name) })));
    this.places = h('ul', { class: 'places', id: 'access-places' });
    this.name = h('input', { id: 'access-folder', maxlength: '256', autocomplete: 'off' });
    this.said = h('div', {});
    this.editor = h('section', { class: 'card editor' });
    const add = h('form', { class: 'line', novalidate: true, on: { submit: (event) => { event.preventDefault(); void this.add(); } } }, field('access.newfolder', this.name), h('button', { type: 'submit', class: 'button small', i18n: 'access.add' }));
    this.root.replaceChildren(h('div', { class: 'column wide admin' }, h('h1', { i18n: 'access.title' }), this.said, h('div', { class: 'split' }, h('section', { class: 'card side-list' }, field('access.space', this.space), this.places, add), this.editor)));
    if (spaces.length) await this.open();
    else this.places.replaceChildren(h('li', { class: 'hint', i18n: 'admin.none' }));
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
    const levels = (currentUser()?.levels ?? []).map((one) => h('option', { value: one.value, text: cleanLine(one[language()]), selected: one.value === policy.classification }));
    const area = (id, value) => h('textarea', { id, rows: '5', spellcheck: 'false' }, value);
    const tick = (id, checked) => h('input', { type: 'checkbox', id, checked });
    this.fields = {
      allow: area('access-allow', linesOf(policy.allow)),
      deny: area('access-deny', linesOf(policy.deny)),
      level: h('select', { id: 'access-level' }, ...levels),
      compartments: h('input', { id: 'access-compartments', value: policy.compartments.map((one) => cleanLine(one)).join(', ') }),
      staff: tick('access-staff', policy.staff_only),
      inherits: tick('access-inherits', policy.inherits),
      from: h('input', { type: 'datetime-local', id: 'access-from', value: local(policy.not_before) }),
      until: h('input', { type: 'datetime-local', id: 'access-until', value: local(policy.not_after) }),
    };
    this.windows = new Map([...policy.allow, ...policy.deny].map((one) => [linesOf([one]), one]));
    const { allow, deny, level, compartments, staff, inherits, from, until } = this.fields;
    const choice = (input, key) => h('label', { class: 'choice', for: input.id }, input, h('span', { i18n: key }));
    this.effect = h('div', { class: 'effect-place', 'aria-live': 'polite' });
    const remove = this.folder ? [button('access.delete', () => this.remove(), { class: 'button small quiet' })] : [h('p', { class: 'hint', i18n: 'access.spacehint' })];
    this.editor.replaceChildren(
      h('h2', this.folder ? { text: cleanLine(this.folder.name) } : { i18n: 'access.root' }),
      field('access.allow', allow), field('access.deny', deny),
      h('div', { class: 'pair' }, field('access.level', level), field('people.compartments', compartments), field('access.from', from), field('access.until', until)),
      choice(staff, 'access.staff'), ...(this.folder ? [choice(inherits, 'access.inherits')] : []),
      h('div', { class: 'form-end' }, ...remove, h('button', { type: 'button', id: 'access-check', class: 'button primary', i18n: 'access.check', on: { click: () => this.check() } })),
      this.effect,
    );
    for (const input of Object.values(this.fields)) input.addEventListener('input', () => this.effect.replaceChildren());
  }

  policy() {
    const { allow, deny, level, compartments, staff, inherits, from, until } = this.fields;
    // An entry that stays keeps its time.
    const named = (input) => subjectsOf(input.value).map((one) => this.windows.get(linesOf([one])) ?? one);
    return { allow: named(allow), deny: named(deny), classification: Number(level.value), compartments: words(compartments.value), staff_only: staff.checked, inherits: inherits.checked, not_before: moment(from), not_after: moment(until) };
  }

  /** Ask what the change would do; only then it can be made. */
  async check() {
    await this.attempt(async () => {
      const policy = this.policy();
      const change = this.folder ? { kind: 'folder', id: this.folder.id, policy } : { kind: 'space', name: this.space.value, policy };
      // What is too much to foresee can be saved all the same, once that was said.
      const told = await fetchJson('/v1/access/preview', { method: 'POST', json: { change, limit: 50 } }).then(effect, (error) => (error.code === 'access.preview_too_large' ? problem(error) : Promise.reject(error)));
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
        const { title, contributors, managers } = this.stored;
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

function moment(input) {
  const at = Date.parse(input.value);
  return Number.isNaN(at) ? null : at / 1000;
}

/** Seconds since 1970 as a field of local time takes them. */
function local(seconds) {
  if (seconds === null || seconds === undefined) return '';
  const date = new Date(seconds * 1000);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
