// The fields of a policy: who may read and who not, and what is asked of readers besides.

import { field, linesOf, subjectsOf, words } from '../core/admin.js';
import { h } from '../core/dom.js';
import { language } from '../core/i18n.js';
import { currentUser } from '../core/session.js';
import { cleanLine } from '../core/text.js';

/** A form that begins with `policy`; `onInput()` is called with every change. `inherits`: key of the sentence of that choice, or nothing. */
export class PolicyForm {
  constructor(policy, onInput, inherits = null) {
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
    const { allow, deny, level, compartments, staff, from, until } = this.fields;
    const choice = (input, key) => h('label', { class: 'choice', for: input.id }, input, h('span', { i18n: key }));
    this.elements = [
      field('access.allow', allow), field('access.deny', deny),
      h('div', { class: 'pair' }, field('access.level', level), field('people.compartments', compartments), field('access.from', from), field('access.until', until)),
      choice(staff, 'access.staff'), ...(inherits ? [choice(this.fields.inherits, inherits)] : []),
    ];
    for (const input of Object.values(this.fields)) input.addEventListener('input', onInput);
  }

  /** The policy as the server takes it; throws `LineError` for an entry that names nobody. */
  value() {
    const { allow, deny, level, compartments, staff, inherits, from, until } = this.fields;
    // An entry that stays keeps its time.
    const named = (input) => subjectsOf(input.value).map((one) => this.windows.get(linesOf([one])) ?? one);
    return { allow: named(allow), deny: named(deny), classification: Number(level.value), compartments: words(compartments.value), staff_only: staff.checked, inherits: inherits.checked, not_before: moment(from), not_after: moment(until) };
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
