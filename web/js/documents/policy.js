// Who may read the uploaded files: those of the space or folder, or a policy of their own.

import { h, icon, iconButton } from '../core/dom.js';
import { language } from '../core/i18n.js';
import { currentUser } from '../core/session.js';
import { cleanLine } from '../core/text.js';

const KINDS = ['group', 'department', 'role', 'user', 'everyone'];
const CLASSES = [0, 1, 2, 3];

/** A policy that cannot be sent; `sentence` is the key of what to tell. */
export class PolicyError extends Error {
  constructor(key) {
    super(key);
    this.sentence = key;
  }
}

/** The editor; `value()` returns null for the readers of the space or folder, else a policy as the server takes it. */
export class PolicyEditor {
  constructor() {
    this.rows = { allow: [], deny: [] };
    this.lists = { allow: h('div', { class: 'subjects' }), deny: h('div', { class: 'subjects' }) };
    this.level = h('select', { id: 'classification' }, ...CLASSES.map((value) => h('option', { value, i18n: `class.${value}` })));
    this.names = h('datalist', { id: 'group-names' });
    this.custom = h('div', { class: 'policy', hidden: true }, this.side('allow'), this.side('deny'), h('div', { class: 'field' }, h('label', { for: 'classification', i18n: 'policy.classification' }), this.level), this.conditions(), this.names);
    this.element = h('fieldset', { class: 'audience' }, h('legend', { i18n: 'up.who' }), h('div', { class: 'choices' }, this.choice('space', true), this.choice('policy', false)), this.custom);
  }

  /** What is asked of readers besides being allowed; closed until somebody wants it. */
  conditions() {
    this.inherits = h('input', { type: 'checkbox', id: 'policy-inherits' });
    this.staff = h('input', { type: 'checkbox', id: 'policy-staff' });
    this.compartments = h('input', { type: 'text', id: 'policy-compartments', autocomplete: 'off', maxlength: '1000' });
    this.from = h('input', { type: 'datetime-local', id: 'policy-from' });
    this.until = h('input', { type: 'datetime-local', id: 'policy-until' });
    const line = (input, key) => h('div', { class: 'field' }, h('label', { for: input.id, i18n: key }), input);
    const tick = (input, key) => h('label', { class: 'choice', for: input.id }, input, h('span', { i18n: key }));
    return h('details', { class: 'conditions' }, h('summary', { i18n: 'policy.more' }), tick(this.inherits, 'policy.inherits'), tick(this.staff, 'policy.staff'), line(this.compartments, 'policy.compartments'), line(this.from, 'policy.from'), line(this.until, 'policy.until'));
  }

  /** Start over for the user who is signed in. */
  reset() {
    const levels = currentUser()?.levels;
    if (levels?.length) this.level.replaceChildren(...levels.map((level) => h('option', { value: level.value, text: cleanLine(level[language()]) })));
    for (const input of [this.inherits, this.staff]) input.checked = false;
    for (const input of [this.compartments, this.from, this.until]) input.value = '';
    for (const side of ['allow', 'deny']) {
      this.rows[side] = [];
      this.lists[side].replaceChildren();
    }
    this.names.replaceChildren(...(currentUser()?.groups ?? []).map((name) => h('option', { value: cleanLine(name) })));
    this.add('allow');
    this.level.value = '0';
  }

  choice(value, checked) {
    const radio = h('input', { type: 'radio', name: 'audience', value, checked, on: { change: () => this.choose(value) } });
    return h('label', { class: 'choice' }, radio, h('span', {}, h('strong', { i18n: `up.who.${value}` }), h('small', { i18n: `up.who.${value}.hint` })));
  }

  choose(value) {
    this.custom.hidden = value !== 'policy';
  }

  side(name) {
    const add = h('button', { type: 'button', class: 'button quiet small', on: { click: () => this.add(name).focus() } }, icon('plus'), h('span', { i18n: 'policy.add' }));
    return h('div', { class: `side ${name}`, role: 'group', i18nAttrs: { 'aria-label': `policy.${name}` } }, h('p', { class: 'side-title', i18n: `policy.${name}` }), this.lists[name], add);
  }

  add(side) {
    const kind = h('select', { i18nAttrs: { 'aria-label': 'policy.kind' } }, ...KINDS.map((value) => h('option', { value, i18n: `policy.${value}` })));
    const name = h('input', { type: 'text', list: 'group-names', autocomplete: 'off', maxlength: '200', i18nAttrs: { 'aria-label': 'policy.name', placeholder: 'policy.name' } });
    const until = h('input', { type: 'datetime-local', i18nAttrs: { 'aria-label': 'policy.entryuntil', title: 'policy.entryuntil' } });
    const row = { kind, name, until };
    const element = h('div', { class: 'subject' }, kind, name, until, iconButton('close', 'policy.remove', () => {
      this.rows[side] = this.rows[side].filter((each) => each !== row);
      element.remove();
    }));
    kind.addEventListener('change', () => {
      name.hidden = kind.value === 'everyone';
      name.setAttribute('list', kind.value === 'group' ? 'group-names' : '');
    });
    this.rows[side].push(row);
    this.lists[side].append(element);
    return kind;
  }

  /** The policy to send, or null; throws PolicyError when rows are missing. */
  value() {
    if (this.custom.hidden) return null;
    const [allow, deny] = ['allow', 'deny'].map((side) => this.rows[side].map(subject));
    if (allow.length === 0 && !this.inherits.checked) throw new PolicyError('policy.empty');
    const compartments = this.compartments.value.split(/[,，、;；]/).map((each) => cleanLine(each)).filter(Boolean);
    return {
      allow,
      deny,
      classification: Number(this.level.value),
      ...(compartments.length && { compartments }),
      ...(this.staff.checked && { staff_only: true }),
      ...(this.inherits.checked && { inherits: true }),
      ...moment('not_before', this.from),
      ...moment('not_after', this.until),
    };
  }
}

function subject({ kind, name, until }) {
  if (kind.value === 'everyone') return { kind: 'everyone', name: '', ...moment('not_after', until) };
  const value = cleanLine(name.value);
  if (!value) throw new PolicyError('policy.incomplete');
  return { kind: kind.value, name: value, ...moment('not_after', until) };
}

/** The chosen time under a name, in seconds since 1970; nothing where none is chosen. */
function moment(name, input) {
  const at = Date.parse(input.value);
  return Number.isNaN(at) ? {} : { [name]: at / 1000 };
}
