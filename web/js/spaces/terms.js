// What a space calls things: its terms with their synonyms, for readers to see and for its managers to edit.

import { fetchJson, isAbort, request } from '../core/api.js';
import { announce, h, icon, iconButton } from '../core/dom.js';
import { bindText, dateTime, sentence, t } from '../core/i18n.js';
import { currentUser } from '../core/session.js';
import { cleanLine } from '../core/text.js';

const COLUMNS = ['name', 'synonyms', 'author', 'date', 'actions'];
const MAX_IMPORT = 900_000;
const BETWEEN = /[|\n]/;

/** A section that asks the server once it is opened. */
export class Terms {
  constructor() {
    this.items = [];
    this.editable = false;
    this.rows = h('tbody', {});
    const heads = COLUMNS.map((name) => h('th', { scope: 'col' }, h('span', { class: name === 'actions' ? 'visually-hidden' : '', i18n: `term.${name}` })));
    this.table = h('table', { class: 'document-table term-table', hidden: true }, h('thead', {}, h('tr', {}, ...heads)), this.rows);
    this.note = h('p', { class: 'empty', role: 'status' });
    this.problem = h('p', { class: 'problem', role: 'alert', hidden: true });
    this.space = h('select', { id: 'term-space', on: { change: () => this.load() } });
    const tools = h('div', { class: 'list-tools term-tools' }, h('label', { for: 'term-space', i18n: 'term.space' }), this.space, this.exports());
    const summary = h('summary', {}, h('strong', { i18n: 'term.title' }), ' ', h('span', { class: 'hint', i18n: 'term.intro' }));
    this.element = h('details', { class: 'card list terms', hidden: true, on: { toggle: () => this.element.open && this.load() } }, summary, tools, this.form(), this.problem, this.table, this.note);
    document.addEventListener('wenyuan:language', () => this.render());
  }

  form() {
    this.name = h('input', { id: 'term-name', type: 'text', maxlength: '128', required: true, autocomplete: 'off' });
    this.synonyms = h('input', { id: 'term-synonyms', type: 'text', autocomplete: 'off', i18nAttrs: { placeholder: 'term.between' } });
    const save = h('button', { type: 'submit', class: 'button small', i18n: 'term.save' });
    this.editor = h(
      'form',
      { class: 'term-form', hidden: true, on: { submit: (event) => this.save(event) } },
      h('label', { for: 'term-name', i18n: 'term.name' }),
      this.name,
      h('label', { for: 'term-synonyms', i18n: 'term.synonyms' }),
      this.synonyms,
      save,
    );
    return this.editor;
  }

  exports() {
    this.picker = h('input', { type: 'file', accept: '.csv,text/csv', hidden: true, on: { change: () => this.take() } });
    this.importer = h('button', { type: 'button', class: 'button small', hidden: true, i18n: 'term.import', on: { click: () => this.picker.click() } });
    const out = h('button', { type: 'button', class: 'button small', i18n: 'term.export', on: { click: () => this.give() } });
    return h('span', {}, this.importer, ' ', out, this.picker);
  }

  /** Fit the section to the user who is signed in; nothing of another user stays. */
  reset() {
    this.control?.abort();
    this.control = new AbortController();
    this.items = [];
    this.editable = false;
    this.element.open = false;
    const spaces = (currentUser()?.spaces ?? []).map((space) => h('option', { value: space.name, text: cleanLine(space.title || space.name) }));
    this.space.replaceChildren(...spaces);
    this.element.hidden = spaces.length === 0;
    this.problem.hidden = true;
    this.clear();
    this.render();
  }

  path(rest = '') {
    return `/v1/spaces/${encodeURIComponent(this.space.value)}/terms${rest}`;
  }

  /** Show the terms of the chosen space; an answer for one that was left meanwhile is dropped. */
  async load() {
    this.control?.abort();
    this.control = new AbortController();
    await this.attempt(async (signal) => {
      const list = await fetchJson(this.path(), { signal });
      this.items = list.items;
      this.editable = list.can_edit;
      this.render();
    });
  }

  async attempt(work) {
    try {
      await work(this.control.signal);
      this.problem.hidden = true;
      return true;
    } catch (error) {
      if (isAbort(error)) return false;
      const code = error.code ? h('code', { class: 'code', text: error.code }) : null;
      this.problem.replaceChildren(...[icon('warn'), h('span', { i18n: sentence(error) }), code].filter(Boolean));
      this.problem.hidden = false;
      return false;
    }
  }

  render() {
    this.rows.replaceChildren(...this.items.map((item) => this.row(item)));
    this.table.hidden = this.items.length === 0;
    this.note.hidden = this.items.length > 0;
    this.editor.hidden = !this.editable;
    this.importer.hidden = !this.editable;
    bindText(this.note, this.editable ? 'term.empty.edit' : 'term.empty');
  }

  row(item) {
    const name = cleanLine(item.name);
    const remove = iconButton('trash', ['term.remove', { name }], () => this.remove(item));
    const edit = h('button', { type: 'button', class: 'button small', i18n: 'term.edit', on: { click: () => this.edit(item) } });
    return h(
      'tr',
      { 'data-term': item.id },
      h('td', { class: 'col-name' }, h('span', { class: 'document-title', text: name })),
      h('td', { text: item.synonyms.map(cleanLine).join(' | ') }),
      h('td', { text: cleanLine(item.author) }),
      h('td', { text: dateTime(item.updated_at) }),
      h('td', { class: 'col-actions' }, ...(this.editable ? [edit, remove] : [])),
    );
  }

  edit(item) {
    this.name.value = cleanLine(item.name);
    this.synonyms.value = item.synonyms.map(cleanLine).join(' | ');
    this.synonyms.focus();
  }

  clear() {
    this.name.value = '';
    this.synonyms.value = '';
  }

  async save(event) {
    event.preventDefault();
    const synonyms = this.synonyms.value.split(BETWEEN).map((form) => form.trim()).filter(Boolean);
    const json = { name: this.name.value, synonyms };
    const saved = await this.attempt((signal) => request(this.path(), { method: 'PUT', json, signal }));
    if (!saved) return;
    announce(t('term.saved', { name: cleanLine(json.name) }));
    this.clear();
    this.name.focus();
    await this.load();
  }

  async remove(item) {
    const gone = await this.attempt((signal) => request(this.path(`/${encodeURIComponent(item.id)}`), { method: 'DELETE', signal }));
    if (gone) await this.load();
  }

  /** Import the chosen CSV file: all of its terms or none. */
  async take() {
    const [file] = this.picker.files;
    this.picker.value = '';
    if (!file) return;
    const done = await this.attempt(async (signal) => {
      if (file.size > MAX_IMPORT) throw Object.assign(new Error(file.name), { sentence: 'term.toolarge' });
      const csv = decode(await file.arrayBuffer());
      const answer = await request(this.path('/import'), { method: 'POST', json: { csv }, signal });
      const { added, total } = await answer.json();
      announce(t('term.imported', { added, total }));
    });
    if (done) await this.load();
  }

  /** Hand the terms out as a CSV file. */
  async give() {
    await this.attempt(async (signal) => {
      const answer = await request(this.path('/export'), { accept: 'text/csv', signal });
      const address = URL.createObjectURL(await answer.blob());
      h('a', { href: address, download: `${cleanLine(this.space.value)}-terms.csv` }).click();
      setTimeout(() => URL.revokeObjectURL(address), 10_000);
    });
  }
}

/** The text of a file as spreadsheets write it: UTF-8, else GB 18030. */
function decode(bytes) {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('gb18030').decode(bytes);
  }
}
