// The audit log: what fits a filter, page by page; its export; whether it was tampered with.

import { fetchJson } from '../core/api.js';
import { button, field, problem, saveFile, table, when } from '../core/admin.js';
import { h } from '../core/dom.js';
import { has } from '../core/i18n.js';
import { currentUser } from '../core/session.js';
import { cleanLine } from '../core/text.js';

const ACTIONS = ['retrieve', 'model', 'cite', 'preview', 'download', 'export', 'act', 'read', 'audit', 'prune', 'shred', 'gap'];
const OUTCOMES = ['done', 'begun', 'refused', 'failed'];

/** The page; `load()` reads the newest entries. */
export class Audit {
  constructor(root) {
    this.root = root;
    this.names = new Map();
  }

  reset() {
    this.root.replaceChildren();
  }

  async load() {
    const line = (id) => h('input', { id, maxlength: '64', autocomplete: 'off' });
    const choice = (id, values) => h('select', { id }, h('option', { value: '', i18n: 'audit.any' }), ...values.map((value) => h('option', { value, i18n: `audit.${id.slice('audit-'.length)}.${value}` })));
    this.filters = { actor: line('audit-actor'), document: line('audit-document'), action: choice('audit-action', ACTIONS), outcome: choice('audit-outcome', OUTCOMES), since: h('input', { type: 'datetime-local', id: 'audit-since' }), before: h('input', { type: 'datetime-local', id: 'audit-before' }) };
    this.state = h('div', { id: 'audit-state', 'aria-live': 'polite' });
    this.list = h('div', { id: 'audit-list' });
    const save = (shape) => button(['raw', { value: shape }], () => this.attempt(() => saveFile(`/v1/audit/export?${this.query({ format: shape })}`, `audit.${shape}`)));
    const form = h('form', { class: 'card filters', novalidate: true, on: { submit: (event) => { event.preventDefault(); void this.fill(); } } }, ...Object.entries(this.filters).map(([name, control]) => field(`audit.${name}`, control)), h('button', { type: 'submit', class: 'button primary', i18n: 'admin.filter' }));
    const tools = h('div', { class: 'line' }, button('audit.verify', () => this.verify(), { id: 'audit-verify' }), h('span', { class: 'hint', i18n: 'audit.export' }), save('csv'), save('jsonl'));
    this.root.replaceChildren(h('div', { class: 'column wide admin' }, h('h1', { i18n: 'audit.title' }), form, tools, this.state, this.list));
    await this.attempt(async () => { this.names = await names(); });
    await this.fill();
  }

  query(more = {}) {
    const given = Object.entries(this.filters).map(([name, { type, value }]) => [name, type === 'datetime-local' && value ? new Date(value).toISOString() : cleanLine(value)]);
    return new URLSearchParams([...given.filter(([, value]) => value), ...Object.entries(more)]).toString();
  }

  async attempt(work) {
    try {
      await work();
    } catch (error) {
      this.state.replaceChildren(problem(error));
    }
  }

  async fill(before = [], cursor = null) {
    await this.attempt(async () => {
      const page = await fetchJson(`/v1/audit?${this.query({ limit: 50, ...(cursor && { cursor }) })}`);
      const rows = [...before, ...page.items.map((one) => row(one, this.names))];
      const more = page.next_cursor ? [button('admin.more', () => this.fill(rows, page.next_cursor))] : [];
      const keys = ['', 'audit.time', 'audit.action', 'audit.outcome', 'audit.actor', 'audit.target', 'audit.items'];
      this.list.replaceChildren(rows.length ? table(keys, rows, 'audit.title') : h('p', { class: 'hint', i18n: 'admin.none' }), ...more);
    });
  }

  async verify() {
    this.state.replaceChildren(h('p', { class: 'working', i18n: 'admin.load' }));
    await this.attempt(async () => {
      const told = await fetchJson('/v1/audit/verify');
      const broken = told.breaches.map((one) => h('p', { class: 'verdict bad', i18n: ['audit.broken', one] }));
      this.state.replaceChildren(...(told.sound ? [h('p', { class: 'verdict good', i18n: ['audit.sound', told] })] : broken));
    });
  }
}

/** The names of accounts by their ids, for those who may list them: others see ids. */
async function names() {
  if (!currentUser()?.roles.includes('administrator')) return new Map();
  return new Map((await fetchJson('/v1/users')).items.map((one) => [one.id, cleanLine(one.name)]));
}

function person(id, known) {
  const name = known.get(id);
  return name ? h('span', { title: cleanLine(id), text: name }) : h('code', { class: 'code', text: cleanLine(id) });
}

function row(one, known) {
  const behalf = one.behalf ? [' ', h('span', { class: 'badge warn', i18n: ['audit.behalf', { id: known.get(one.behalf) ?? cleanLine(one.behalf) }] })] : [];
  return [String(one.sequence), h('time', { datetime: one.time, text: when(one.time) }), told('action', one.action), told('outcome', one.outcome), [person(one.actor, known), ...behalf], cleanLine(one.target), one.items.map((item) => h('code', { class: 'code item', text: cleanLine(item.document_id) }))];
}

/** A word of the log in the language of the page; the log itself keeps it as it is. */
function told(kind, value) {
  const key = `audit.${kind}.${value}`;
  return h('span', { class: 'nowrap', title: cleanLine(value), i18n: has(key) ? key : ['raw', { value: cleanLine(value) }] });
}
