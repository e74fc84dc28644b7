// One version of a document: what changed since another one, and its text block by block, which managers may correct.

import { fetchJson, isAbort } from '../core/api.js';
import { announce, h, icon } from '../core/dom.js';
import { bindText, sentence, t } from '../core/i18n.js';
import { clean, cleanLine } from '../core/text.js';
import { follow, isOver } from './jobs.js';

const PAGE_SIZE = 50;
const TAGS = { added: 'ins', removed: 'del' };

/** A list that is read page by page; subclasses give the path and make the rows. */
class Paged {
  constructor(details) {
    this.details = details;
    this.offset = 0;
    this.rows = h('ol', { class: 'plain blocks' });
    this.note = h('p', { class: 'hint', role: 'status', i18n: 'docs.loading' });
    this.more = h('button', { type: 'button', class: 'button small', hidden: true, i18n: 'docs.more', on: { click: () => this.load() } });
    this.element = h('section', {}, this.note, this.rows, this.more);
  }

  path(rest) {
    return `/v1/documents/${encodeURIComponent(this.details.item.id)}/${rest}`;
  }

  async load() {
    try {
      const body = await fetchJson(this.address(`offset=${this.offset}&limit=${PAGE_SIZE}`), { signal: this.details.control.signal });
      this.take(body);
      this.rows.append(...body.items.map((item) => this.row(item)));
      this.more.hidden = body.next_offset === null;
      this.offset = body.next_offset;
    } catch (error) {
      if (!isAbort(error)) this.fail(error);
    }
  }

  fail(error) {
    this.note.hidden = false;
    bindText(this.note, ...[sentence(error)].flat());
  }
}

/** The changes from version `old` to version `version`. */
export class Difference extends Paged {
  constructor(details, version, old) {
    super(details);
    this.address = (page) => this.path(`versions/${encodeURIComponent(version)}/diff?against=${encodeURIComponent(old)}&changes_only=true&${page}`);
  }

  take({ counts }) {
    bindText(this.note, counts.changed + counts.added + counts.removed ? 'diff.counts' : 'diff.none', counts);
  }

  row(step) {
    const place = step.new ?? step.old;
    const spans = step.spans.map((span) => (TAGS[span.change] ? h(TAGS[span.change], { text: clean(span.text) }) : h('span', { text: clean(span.text) })));
    return h('li', { class: `step ${cleanLine(step.change)}` }, where(place.heading_path, place.page, `diff.${step.change}`), h('p', { class: 'block-text' }, ...spans));
  }
}

/** The text of a version; with `manages` each block and cell can be corrected. */
export class VersionText extends Paged {
  constructor(details, version, manages) {
    super(details);
    this.version = version;
    this.manages = manages;
    this.address = (page) => this.path(`versions/${encodeURIComponent(version)}/blocks?${page}`);
  }

  take() {
    this.note.hidden = true;
  }

  row(block) {
    const mark = block.corrected ? 'correct.marked' : null;
    const line = h('li', { class: 'step', 'data-block': block.ordinal }, where(block.heading_path, block.boxes[0]?.page, mark));
    if (block.cells) line.append(this.table(block));
    else line.append(h('p', { class: `block-text ${cleanLine(block.kind)}`, text: clean(block.text) }));
    if (block.corrected) line.append(h('p', { class: 'hint' }, h('span', { i18n: 'correct.was' }), ' ', h('del', { text: clean(block.original) })));
    if (this.manages && !block.cells) line.append(this.button(line, { block: block.ordinal }, block.text));
    return line;
  }

  table(block) {
    const rows = [];
    for (const cell of block.cells) {
      rows[cell.row] ??= h('tr', {});
      const box = h('td', { rowspan: cell.row_span, colspan: cell.column_span }, h('span', { text: clean(cell.text) }));
      if (this.manages) box.append(this.button(box, { block: block.ordinal, row: cell.row, column: cell.column }, cell.text));
      rows[cell.row].append(box);
    }
    return h('div', { class: 'block-table' }, h('table', {}, ...rows.filter(Boolean)));
  }

  button(holder, place, text) {
    const open = h('button', { type: 'button', class: 'button quiet small', i18n: 'correct.edit', on: { click: () => this.edit(holder, open, place, text) } });
    return open;
  }

  /** Put a form in place of the button. */
  edit(holder, open, place, text) {
    const field = h('textarea', { rows: 3, i18nAttrs: { 'aria-label': 'correct.edit' } });
    field.value = text;
    const status = h('p', { class: 'hint', role: 'status' });
    const save = h('button', { type: 'submit', class: 'button primary small', i18n: 'correct.save' });
    const leave = h('button', { type: 'button', class: 'button small', i18n: 'cancel', on: { click: () => form.replaceWith(open) } });
    const form = h('form', { class: 'correct', on: { submit: (event) => this.save(event, { ...place, text: field.value }, save, status) } }, field, h('div', { class: 'form-end' }, leave, save), status);
    open.replaceWith(form);
    field.focus();
    return holder;
  }

  async save(event, body, save, status) {
    event.preventDefault();
    save.disabled = true;
    bindText(status, 'correct.busy');
    const { signal } = this.details.control;
    try {
      const accepted = await fetchJson(this.path('corrections'), { method: 'PUT', json: { version_id: this.version, ...body }, signal });
      if (!(await this.finished(accepted, signal))) throw new Error('failed');
      announce(t('correct.done'));
      this.details.onChanged();
      await this.details.load();
    } catch (error) {
      if (isAbort(error)) return;
      save.disabled = false;
      bindText(status, ...[sentence(error)].flat());
    }
  }

  /** Wait until the version with the correction is published. */
  async finished(accepted, signal) {
    if (accepted.duplicate) return true;
    for await (const job of follow(accepted.job_id, signal)) {
      if (isOver(job)) return job.state === 'done';
    }
    return false;
  }
}

function where(path, page, mark) {
  const parts = path.map(cleanLine).filter(Boolean);
  const place = h('p', { class: 'block-place' }, icon('file'), h('span', { text: parts.join(' › ') }));
  if (page) place.append(h('span', { i18n: ['place.page', { page }] }));
  if (mark) place.append(h('span', { class: 'tag', i18n: mark }));
  return place;
}
