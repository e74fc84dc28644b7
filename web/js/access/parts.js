// Parts of a document with readers of their own, for those who manage it: which there are, adding, changing, removing.

import { fetchJson, isAbort } from '../core/api.js';
import { button, foreseen, problem } from '../core/admin.js';
import { announce, h } from '../core/dom.js';
import { t } from '../core/i18n.js';
import { cleanLine } from '../core/text.js';
import { follow, isOver } from '../documents/jobs.js';
import { PolicyForm } from './form.js';
import { described, Outline } from './outline.js';

const NOBODY_MORE = { allow: [], deny: [], classification: 0, compartments: [], staff_only: false, inherits: false, not_before: null, not_after: null };

/** The section of `details` that says how many parts there are and leads to them. */
export function partsSection(details, count) {
  const open = button('parts.open', () => details.open(new Parts(details)), { 'data-action': 'parts' });
  return h('section', { class: 'parts' }, h('h3', { i18n: 'parts.title' }), h('p', { class: 'hint', i18n: count ? ['parts.count', { count }] : 'parts.none' }), h('div', {}, open));
}

class Parts {
  constructor(details) {
    this.details = details;
    this.said = h('div', { 'aria-live': 'polite' });
    this.list = h('ul', { class: 'plain rules' });
    this.editor = h('div', { class: 'part' });
    this.element = h('section', { class: 'part admin parts-view' }, h('h3', { i18n: 'parts.title' }), h('p', { class: 'hint', i18n: 'parts.hint' }), this.list, this.editor, this.said);
  }

  get path() {
    return this.details.path;
  }

  async attempt(work) {
    try {
      return await work();
    } catch (error) {
      if (!isAbort(error)) this.said.replaceChildren(problem(error));
      return null;
    }
  }

  async load() {
    await this.attempt(async () => this.show(await fetchJson(`${this.path}/sections`, { signal: this.details.control.signal })));
  }

  show({ items }) {
    this.items = items;
    this.list.replaceChildren(...(items.length ? items.map((item) => this.row(item)) : [h('li', { class: 'hint', i18n: 'parts.none' })]));
    this.editor.replaceChildren(h('div', {}, button('parts.add', () => this.add(), { id: 'parts-add', class: 'button primary small' })));
  }

  row(item) {
    const { policy } = item;
    const tags = [h('span', { class: 'tag', i18n: policy.inherits ? 'parts.narrows' : 'parts.only' })];
    if (item.named) tags.push(h('span', { class: 'tag', i18n: ['parts.named', { count: item.named }] }));
    const lost = item.named === 0 ? h('p', { class: 'problem' }, h('span', { i18n: item.selector?.numbers ? 'parts.moved' : 'parts.lost' })) : null;
    const who = ['allow', 'deny'].filter((side) => policy[side].length).map((side) => h('p', { class: 'hint' }, h('span', { i18n: `parts.${side}` }), ...policy[side].flatMap(subject)));
    const again = item.named === 0 && item.selector?.numbers ? [button('parts.again', () => this.foresee(this.items.map((one) => (one === item ? { selector: given(item.selector), policy: sent(item.policy) } : kept(one)))))] : [];
    const actions = [...again, button('parts.edit', () => this.edit(item)), button('parts.remove', () => this.foresee(this.items.filter((one) => one !== item).map(kept)), { class: 'button small quiet' })];
    return h('li', { class: 'part-rule' }, h('p', {}, h('strong', {}, ...described(item.selector)), ' ', ...tags), lost, ...who, h('div', { class: 'line' }, ...actions));
  }

  /** Choose a part of the document. */
  async add() {
    await this.attempt(async () => {
      this.editor.replaceChildren(h('p', { class: 'working', i18n: 'admin.load' }));
      const outline = new Outline(await fetchJson(`${this.path}/outline`, { signal: this.details.control.signal }), () => this.forget());
      this.open(outline, NOBODY_MORE, (policy) => [...this.items.map(kept), { selector: outline.value(), policy }]);
    });
  }

  edit(item) {
    const head = { element: h('p', {}, h('strong', {}, ...described(item.selector))) };
    this.open(head, item.policy, (policy) => this.items.map((one) => (one === item ? { id: item.id, policy } : kept(one))));
  }

  /** Show the form of a part; `all(policy)` returns all parts as they would be. */
  open(head, policy, all) {
    this.said.replaceChildren();
    const form = new PolicyForm(policy, () => this.forget(), 'parts.inherits');
    const check = h('button', { type: 'submit', id: 'parts-check', class: 'button primary', i18n: 'access.check' });
    const leave = button('admin.cancel', () => this.show({ items: this.items }));
    const body = h('form', { class: 'part card', novalidate: true, on: { submit: (event) => { event.preventDefault(); void this.attempt(() => this.foresee(all(form.value()))); } } }, head.element, h('h4', { i18n: 'parts.who' }), ...form.elements, h('div', { class: 'form-end' }, leave, check));
    this.editor.replaceChildren(body);
    (body.querySelector('input, textarea') ?? check).focus();
  }

  forget() {
    this.said.replaceChildren();
  }

  /** Say what the parts would do to people; only then they can be saved. */
  async foresee(items) {
    await this.attempt(async () => {
      const told = await foreseen({ kind: 'sections', id: this.details.item.id, items });
      const apply = h('button', { type: 'button', id: 'parts-apply', class: 'button primary', i18n: 'access.apply', on: { click: () => this.save(items, apply) } });
      this.said.replaceChildren(h('div', { class: 'part card' }, h('h4', { i18n: 'parts.effect' }), told, h('div', { class: 'form-end' }, button('admin.cancel', () => this.forget()), apply)));
      apply.focus();
    });
  }

  async save(items, apply) {
    apply.disabled = true;
    await this.attempt(async () => {
      const saved = await fetchJson(`${this.path}/sections`, { method: 'PUT', json: { items }, signal: this.details.control.signal });
      this.show(saved);
      this.tell(saved.job_id ? 'parts.cutting' : 'access.saved');
      if (!saved.job_id) return;
      for await (const job of follow(saved.job_id, this.details.control.signal)) {
        if (isOver(job)) this.tell(job.state === 'done' ? 'parts.cutted' : 'parts.uncut');
      }
      this.details.onChanged();
    });
  }

  tell(key) {
    this.said.replaceChildren(h('p', { class: 'saved', role: 'status', i18n: key }));
    announce(t(key));
  }
}

function subject({ kind, name }, number) {
  return [number ? '、' : '', h('span', { i18n: `policy.${kind}` }), name ? ` ${cleanLine(name)}` : ''];
}

/** A part that stays as it is. */
function kept(item) {
  return { id: item.id, policy: sent(item.policy) };
}

/** A policy as the server takes it: whose it is it knows. */
function sent({ own, ...policy }) {
  return policy;
}

/** A selector that is said again. */
function given(selector) {
  return Object.fromEntries(Object.entries(selector).filter(([name, value]) => value !== null && (name !== 'heading' || value.length)));
}
