// Accounts, groups and departments; and what one of the people sees.

import { fetchJson, request } from '../core/api.js';
import { button, field, foreseen, linesOf, problem, subjectsOf, table, words } from '../core/admin.js';
import { h, iconButton } from '../core/dom.js';
import { has, language, t } from '../core/i18n.js';
import { currentUser } from '../core/session.js';
import { cleanLine } from '../core/text.js';
import { openView } from './view.js';

const EMPLOYMENTS = ['staff', 'external', 'suspended', 'left'];
const ROLES = ['administrator', 'evaluator', 'auditor', 'delegate'];

/** The page for administrators. */
export class People {
  constructor(root) {
    this.root = root;
  }

  reset() {
    this.root.replaceChildren();
  }

  async load() {
    this.said = h('div', {});
    this.viewing = h('div', { id: 'view-as' });
    this.wanted = h('input', { id: 'people-filter', type: 'search', autocomplete: 'off', on: { input: () => this.list() } });
    this.lists = { users: h('div', { id: 'people-users' }), groups: h('ul', { class: 'tree', id: 'people-groups' }), departments: h('ul', { class: 'tree', id: 'people-departments' }) };
    const adding = (key, work) => h('div', {}, button(key, work, { 'data-action': key }));
    const part = (key, ...content) => h('section', { class: 'card part' }, h('h2', { i18n: key }), ...content);
    this.root.replaceChildren(h('div', { class: 'column wide admin' }, h('h1', { i18n: 'nav.people' }), this.viewing, this.said, part('people.users', h('div', { class: 'line' }, field('admin.filter', this.wanted), adding('people.newuser', () => this.newUser())), this.lists.users), h('div', { class: 'pair' }, part('people.groups', this.lists.groups, adding('people.newgroup', () => this.newGroup())), part('people.departments', this.lists.departments, adding('people.newdepartment', () => this.newDepartment())))));
    await this.read();
  }

  async read() {
    await this.attempt(this.said, async () => {
      const [users, groups, departments] = await Promise.all([fetchJson('/v1/users'), fetchJson('/v1/groups'), fetchJson('/v1/departments')]);
      this.users = users.items;
      this.groups = groups.items;
      this.departments = departments.items;
      this.list();
    });
  }

  async attempt(place, work) {
    place.replaceChildren();
    try {
      await work();
    } catch (error) {
      place.replaceChildren(problem(error));
    }
  }

  /** At most 200 accounts are shown: a company is searched by name. */
  list() {
    const wanted = cleanLine(this.wanted.value).toLowerCase();
    const found = this.users.filter((one) => `${one.name} ${one.display_name}`.toLowerCase().includes(wanted)).slice(0, 200);
    const rows = found.map((one) => [
      cleanLine(one.name),
      cleanLine(one.display_name),
      h('span', { class: `state ${one.active ? 'good' : 'bad'}`, i18n: one.active ? 'people.active' : 'people.disabled' }),
      level(one.clearance),
      h('span', { i18n: `people.${one.employment}` }),
      one.roles.map((role) => h('span', { class: 'badge', i18n: roleKey(role) })),
      [button('people.editshort', () => this.editUser(one), { i18nAttrs: { 'aria-label': ['people.edit', { name: cleanLine(one.name) }] } }), ' ', button('people.view', () => openView(this.viewing, one))],
    ]);
    this.lists.users.replaceChildren(table(['people.name', 'people.display', 'people.state', 'people.clearance', 'people.employment', 'people.roles', ''], rows, 'people.users'));
    this.lists.groups.replaceChildren(...this.groups.map((one) => this.group(one, [])));
    this.lists.departments.replaceChildren(...this.departments.filter((one) => !this.departments.some((other) => other.name === one.parent)).map((one) => this.department(one, [])));
  }

  /** A group with the groups in it, as deep as they go; one that holds itself ends there. */
  group(one, passed) {
    const inner = one.members.filter((member) => member.kind === 'group' && !passed.includes(member.name)).map((member) => this.groups.find((each) => each.name === member.name)).filter(Boolean);
    const count = one.members.filter((member) => member.kind === 'user').length;
    const name = h('button', { type: 'button', class: 'place', on: { click: () => this.editGroup(one) } }, cleanLine(one.name), ' ', h('span', { class: 'badge', text: String(count) }));
    return h('li', {}, name, ...(inner.length ? [h('ul', {}, ...inner.map((each) => this.group(each, [...passed, one.name])))] : []));
  }

  department(one, passed) {
    const below = this.departments.filter((each) => each.parent === one.name && !passed.includes(each.name));
    const name = h('button', { type: 'button', class: 'place', text: cleanLine(one.title || one.name), on: { click: () => void this.editDepartment(one) } });
    return h('li', {}, name, ...(below.length ? [h('ul', {}, ...below.map((each) => this.department(each, [...passed, one.name])))] : []));
  }

  dialog(title, fields, save) {
    const said = h('div', { class: 'effect-place', 'aria-live': 'polite' });
    const dialog = h('dialog', { class: 'panel edit', 'aria-labelledby': 'edit-title' });
    const submit = (event) => {
      event.preventDefault();
      void this.attempt(said, async () => {
        if (await save(said)) return;
        dialog.close();
        await this.read();
      });
    };
    const end = h('div', { class: 'form-end' }, button('admin.cancel', () => dialog.close()), h('button', { type: 'submit', class: 'button primary', i18n: 'admin.save' }));
    dialog.append(h('header', { class: 'details-head' }, h('h2', { id: 'edit-title', text: title }), iconButton('close', 'admin.close', () => dialog.close())), h('form', { class: 'details-body', novalidate: true, on: { submit } }, ...fields, said, end));
    dialog.addEventListener('close', () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
  }

  /** An account, with a password to begin with if one is given: it is changed at the first sign-in. */
  newUser() {
    const levels = (currentUser()?.levels ?? []).map((each) => h('option', { value: each.value, text: level(each.value), selected: each.value === 1 }));
    const [name, display, secret] = [h('input', { id: 'new-name', maxlength: '128', autocomplete: 'off', autocapitalize: 'none' }), h('input', { id: 'new-display', maxlength: '256', autocomplete: 'off' }), h('input', { id: 'new-password', type: 'password', maxlength: '1024', autocomplete: 'new-password' })];
    const clearance = h('select', { id: 'new-clearance' }, ...levels);
    const hint = h('p', { class: 'hint', i18n: 'people.newuser.hint' });
    let made = '';
    this.dialog(t('people.newuser'), [field('people.name', name), field('people.display', display), field('people.clearance', clearance), field('people.password', secret), hint], async () => {
      const wanted = cleanLine(name.value);
      // A password that was refused is given again to the account that there is now.
      if (made !== wanted) await request('/v1/users', { method: 'POST', json: { name: wanted, display_name: cleanLine(display.value), clearance: Number(clearance.value) } });
      made = wanted;
      if (secret.value) await request(`/v1/users/${encodeURIComponent(wanted)}/password`, { method: 'PUT', json: { password: secret.value } });
      return false;
    });
  }

  newGroup() {
    const name = h('input', { id: 'new-name', maxlength: '128', autocomplete: 'off' });
    this.dialog(t('people.newgroup'), [field('people.groupname', name)], async () => {
      await request('/v1/groups', { method: 'POST', json: { name: cleanLine(name.value) } });
      return false;
    });
  }

  newDepartment() {
    const [name, title] = [h('input', { id: 'new-name', maxlength: '128', autocomplete: 'off' }), h('input', { id: 'new-title', maxlength: '256', autocomplete: 'off' })];
    const parent = h('select', {}, h('option', { value: '', text: '–' }), ...this.departments.map((each) => h('option', { value: each.name, text: cleanLine(each.title || each.name) })));
    this.dialog(t('people.newdepartment'), [field('people.key', name), field('people.title', title), field('people.parent', parent)], async () => {
      await request('/v1/departments', { method: 'POST', json: { name: cleanLine(name.value), title: cleanLine(title.value), parent: parent.value || null } });
      return false;
    });
  }

  async editUser(one) {
    const path = `/v1/users/${encodeURIComponent(one.name)}`;
    await this.attempt(this.said, async () => {
      const detail = await fetchJson(`${path}/access`);
      const options = (values, chosen, shown) => values.map((value) => h('option', { value, selected: value === chosen, ...shown(value) }));
      const levels = (currentUser()?.levels ?? []).map((each) => each.value);
      const active = h('input', { type: 'checkbox', checked: one.active });
      const clearance = h('select', { id: 'edit-clearance' }, ...options(levels, one.clearance, (value) => ({ text: level(value) })));
      const employment = h('select', { id: 'edit-employment' }, ...options(EMPLOYMENTS, one.employment, (value) => ({ i18n: `people.${value}` })));
      const company = h('input', { value: detail.company_roles.join(', ') });
      const compartments = h('input', { id: 'edit-compartments', value: detail.compartments.join(', ') });
      const secret = h('input', { id: 'edit-password', type: 'password', maxlength: '1024', autocomplete: 'new-password' });
      const roles = ROLES.map((role) => h('input', { type: 'checkbox', value: role, checked: one.roles.includes(role) }));
      const choices = roles.map((box) => h('label', { class: 'choice' }, box, h('span', { i18n: roleKey(box.value) })));
      const fields = [h('label', { class: 'choice' }, active, h('span', { i18n: 'people.active' })), field('people.clearance', clearance), field('people.employment', employment), field('people.company', company), field('people.compartments', compartments), field('people.newpassword', secret), h('fieldset', {}, h('legend', { i18n: 'people.roles' }), h('div', { class: 'choices' }, ...choices))];
      this.dialog(cleanLine(one.name), fields, async () => {
        const now = { active: active.checked, clearance: Number(clearance.value), employment: employment.value, company_roles: words(company.value), compartments: words(compartments.value), roles: roles.filter((box) => box.checked).map((box) => box.value) };
        const before = { ...one, ...detail };
        // Only what was changed is sent: of an account from a directory some of it may not be.
        const changed = Object.entries(now).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(before[name]));
        if (changed.length) await request(path, { method: 'PATCH', json: Object.fromEntries(changed) });
        if (secret.value) await request(`${path}/password`, { method: 'PUT', json: { password: secret.value } });
        return false;
      });
    });
  }

  /** The members of a group; who gains and who loses is shown before they are saved. */
  editGroup(one) {
    const area = h('textarea', { id: 'edit-members', rows: '10', spellcheck: 'false' }, linesOf(one.members, 'user'));
    let shown = '';
    this.dialog(cleanLine(one.name), [field('people.members', area)], async (said) => {
      const members = subjectsOf(area.value, 'user');
      const asked = JSON.stringify(members);
      if (asked !== shown) {
        said.replaceChildren(await foreseen({ kind: 'group', name: one.name, members }));
        shown = asked;
        return true;
      }
      await request(`/v1/groups/${encodeURIComponent(one.name)}/members`, { method: 'PUT', json: { members } });
      return false;
    });
  }

  async editDepartment({ name }) {
    let one;
    try {
      one = await fetchJson(`/v1/departments/${encodeURIComponent(name)}`);
    } catch (error) {
      this.said.replaceChildren(problem(error));
      return;
    }
    const title = h('input', { value: cleanLine(one.title) });
    const parents = this.departments.filter((each) => each.name !== one.name).map((each) => h('option', { value: each.name, text: cleanLine(each.title || each.name), selected: each.name === one.parent }));
    const parent = h('select', {}, h('option', { value: '', text: '–', selected: !one.parent }), ...parents);
    const area = h('textarea', { id: 'edit-seats', rows: '6', spellcheck: 'false' }, one.members.join('\n'));
    this.dialog(cleanLine(one.title || one.name), [field('people.title', title), field('people.parent', parent), field('people.seats', area)], async () => {
      const members = area.value.split('\n').map((line) => cleanLine(line)).filter(Boolean);
      await request(`/v1/departments/${encodeURIComponent(one.name)}`, { method: 'PATCH', json: { title: cleanLine(title.value), parent: parent.value || null, members } });
      return false;
    });
  }
}

function level(value) {
  const found = currentUser()?.levels?.find((one) => one.value === value);
  return found ? cleanLine(found[language()]) : String(value);
}

function roleKey(role) {
  return has(`role.${role}`) ? `role.${role}` : ['raw', { value: role }];
}
