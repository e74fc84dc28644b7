// The documents page: what the user may read, and for those who may, uploading, replacing and deleting.

import { fetchJson, isAbort, request } from '../core/api.js';
import { announce, h, icon, iconButton } from '../core/dom.js';
import { bindText, dateTime, has, sentence, t } from '../core/i18n.js';
import { currentUser } from '../core/session.js';
import { cleanLine, fileSize } from '../core/text.js';
import { Terms } from '../spaces/terms.js';
import { Details } from './details.js';
import { isOver } from './jobs.js';
import { Sources } from './sources.js';
import { UploadPanel } from './upload.js';

const PAGE_SIZE = 50;
// An administrator sees everyone's jobs; progress is shown for so many of the newest.
const MAX_RESUMED = 10;
const TYPES = {
  'application/pdf': 'PDF',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': 'Word',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': 'Excel',
  'application/vnd.openxmlformats-officedocument.presentationml.presentation': 'PowerPoint',
  'application/msword': 'Word',
  'application/vnd.ms-excel': 'Excel',
  'application/vnd.ms-powerpoint': 'PowerPoint',
  'message/rfc822': 'EML',
  'text/html': 'HTML',
  'text/markdown': 'Markdown',
  'text/csv': 'CSV',
  'text/plain': 'TXT',
};

/** The documents view. */
export class Documents {
  constructor(root) {
    this.root = root;
    this.items = [];
    this.failures = new Map();
    this.cursor = null;
    this.resumed = false;
    this.upload = new UploadPanel(() => this.load());
    this.details = new Details(() => this.load());
    this.sources = new Sources(() => this.load());
    this.terms = new Terms();
    this.build();
  }

  build() {
    this.filter = h('select', { id: 'filter-space', on: { change: () => this.load() } });
    this.rows = h('tbody', {});
    const columns = ['name', 'space', 'type', 'pages', 'state', 'date', 'actions'];
    const heads = columns.map((name) => h('th', { scope: 'col', class: `col-${name}` }, h('span', { class: name === 'actions' ? 'visually-hidden' : '', i18n: `docs.${name}` })));
    this.table = h('table', { class: 'document-table' }, h('thead', {}, h('tr', {}, ...heads)), this.rows);
    this.note = h('p', { class: 'empty', role: 'status' });
    this.problem = h('div', { class: 'problem', role: 'alert', hidden: true });
    this.more = h('button', { type: 'button', class: 'button', hidden: true, i18n: 'docs.more', on: { click: () => this.load(true) } });
    const tools = h('div', { class: 'list-tools' }, h('label', { for: 'filter-space', class: 'visually-hidden', i18n: 'docs.space' }), this.filter, iconButton('replace', 'docs.refresh', () => this.load()));
    const head = h('div', { class: 'list-head' }, h('div', {}, h('h1', { i18n: 'docs.title' }), h('p', { class: 'hint', i18n: 'docs.intro' })), tools);
    this.picker = h('input', { type: 'file', hidden: true, on: { change: () => this.replaced() } });
    this.confirm = h('dialog', { class: 'confirm', 'aria-labelledby': 'confirm-title' });
    this.root.replaceChildren(h('div', { class: 'column wide' }, head, this.upload.element, this.upload.progress, this.problem, h('section', { class: 'card list' }, this.table, this.note), this.more, this.sources.element, this.terms.element, this.picker), this.confirm, this.details.element);
    document.addEventListener('wenyuan:language', () => this.render());
  }

  /** Fit the view to the user who is signed in; nothing of another user stays. */
  reset() {
    this.control?.abort();
    this.items = [];
    this.cursor = null;
    this.resumed = false;
    this.failures.clear();
    if (this.confirm.open) this.confirm.close();
    this.confirm.replaceChildren();
    if (this.details.element.open) this.details.element.close();
    this.problem.hidden = true;
    this.upload.reset();
    this.offer();
    this.render();
  }

  /** Offer the spaces that the user has now. */
  offer() {
    const spaces = (currentUser()?.spaces ?? []).map((space) => h('option', { value: space.name, text: cleanLine(space.title || space.name) }));
    this.filter.replaceChildren(h('option', { value: '', i18n: 'docs.allspaces' }), ...spaces);
    this.upload.offer();
    this.sources.reset();
    this.terms.reset();
  }

  /** Show the first page of the list, or with `further` the next one. */
  async load(further = false) {
    this.control?.abort();
    this.control = new AbortController();
    const { signal } = this.control;
    bindText(this.note, 'docs.loading');
    this.note.hidden = this.items.length > 0;
    const query = new URLSearchParams({ limit: String(PAGE_SIZE) });
    if (this.filter.value) query.set('space', this.filter.value);
    if (further && this.cursor) query.set('cursor', this.cursor);
    try {
      const [list, jobs] = await Promise.all([fetchJson(`/v1/documents?${query}`, { signal }), fetchJson('/v1/jobs', { signal })]);
      this.items = further ? [...this.items, ...list.items] : list.items;
      this.cursor = list.next_cursor;
      this.problem.hidden = true;
      this.take(jobs.items);
      this.render();
    } catch (error) {
      if (!isAbort(error)) this.fail(error);
    }
  }

  /** Failed jobs explain their documents; those still running from an earlier visit get a progress row. */
  take(jobs) {
    const newest = new Map(jobs.filter((job) => job.document_id && job.version_id).toReversed().map((job) => [job.document_id, job]));
    this.failures = new Map([...newest].filter(([, job]) => job.state === 'dead' && job.error).map(([id, job]) => [id, job.error]));
    if (this.resumed) return;
    this.resumed = true;
    for (const job of [...newest.values()].filter((each) => !isOver(each)).slice(-MAX_RESUMED)) {
      const known = this.items.find((item) => item.id === job.document_id);
      this.upload.resume(job, known?.title ?? t('job.document'));
    }
  }

  fail(error) {
    const again = h('button', { type: 'button', class: 'button small', i18n: 'viewer.retry', on: { click: () => this.load() } });
    const code = error.code ? h('code', { class: 'code', text: error.code }) : null;
    this.problem.replaceChildren(...[icon('warn'), h('span', { i18n: sentence(error) }), code, again].filter(Boolean));
    this.problem.hidden = false;
    this.note.hidden = true;
  }

  render() {
    this.rows.replaceChildren(...this.items.map((item) => this.row(item)));
    this.table.hidden = this.items.length === 0;
    this.note.hidden = this.items.length > 0;
    bindText(this.note, 'docs.empty');
    this.more.hidden = !this.cursor;
  }

  row(item) {
    const version = item.current_version;
    const space = (currentUser()?.spaces ?? []).find((each) => each.name === item.space);
    const type = version ? (TYPES[version.media_type] ?? cleanLine(version.media_type).split('/').pop().toUpperCase()) : '';
    const size = version?.size == null ? '' : ` · ${fileSize(version.size)}`;
    const file = version ? `${cleanLine(version.filename)}${size}` : '';
    const failure = item.state === 'published' ? undefined : this.failures.get(item.id);
    const name = h('td', { class: 'col-name' }, this.title(item, space), h('span', { class: 'hint', text: file }), this.failure(failure));
    const cell = (column, ...children) => h('td', { class: `col-${column}` }, ...children);
    return h(
      'tr',
      { 'data-document': item.id },
      name,
      cell('space', cleanLine(space?.title || item.space)),
      cell('type', type),
      cell('pages', version?.page_count ? String(version.page_count) : '—'),
      cell('state', this.state(failure ? 'failed' : item.state), this.warnings(version)),
      cell('date', dateTime(version?.published_at ?? item.created_at)),
      cell('actions', ...this.actions(item, space)),
    );
  }

  /** The title opens the details, once there is a version to tell about. */
  title(item, space) {
    const text = cleanLine(item.title);
    if (item.state !== 'published') return h('span', { class: 'document-title', text });
    return h('button', { type: 'button', class: 'document-title', text, on: { click: () => this.details.show(item, this.manages(item, space)) } });
  }

  failure(error) {
    if (!error) return null;
    return h('span', { class: 'row-error' }, cleanLine(error.message), ' ', h('code', { class: 'code', text: cleanLine(error.code) }));
  }

  state(value) {
    const key = `state.${cleanLine(value)}`;
    const tone = { published: 'good', failed: 'bad' }[value] ?? 'busy';
    return h('span', { class: `state ${tone}`, i18n: has(key) ? key : ['raw', { value }] });
  }

  warnings(version) {
    const list = version?.warnings ?? [];
    if (!list.length) return null;
    const items = list.map((warning) => h('li', { text: cleanLine(typeof warning === 'string' ? warning : JSON.stringify(warning)) }));
    return h('details', { class: 'warnings' }, h('summary', { i18n: ['docs.warnings', { count: list.length }] }), h('ul', {}, ...items));
  }

  manages(item, space) {
    const user = currentUser();
    const own = item.owner === user?.name || item.owner === user?.user_id;
    return Boolean(space?.can_manage || (space?.can_upload && own));
  }

  actions(item, space) {
    const buttons = [];
    if (this.manages(item, space)) {
      buttons.push(iconButton('upload', 'docs.replace', () => this.pick(item)));
      buttons.push(iconButton('trash', 'docs.delete', () => this.ask(item), { 'data-action': 'delete' }));
    }
    return buttons;
  }

  pick(item) {
    this.target = item.id;
    this.picker.click();
  }

  replaced() {
    const [file] = this.picker.files;
    if (file) this.upload.replace(this.target, file);
    this.picker.value = '';
  }

  ask(item) {
    const no = h('button', { type: 'button', class: 'button', autofocus: true, i18n: 'cancel', on: { click: () => this.confirm.close() } });
    const yes = h('button', { type: 'button', class: 'button danger', i18n: 'docs.delete', on: { click: () => this.remove(item) } });
    this.confirm.replaceChildren(h('h2', { id: 'confirm-title', i18n: 'docs.delete.ask' }), h('p', { i18n: ['docs.delete.text', { title: item.title }] }), h('div', { class: 'form-end' }, no, yes));
    this.confirm.showModal();
  }

  async remove(item) {
    this.confirm.close();
    try {
      await request(`/v1/documents/${encodeURIComponent(item.id)}`, { method: 'DELETE' });
      announce(t('docs.deleted', { title: item.title }));
      await this.load();
    } catch (error) {
      this.fail(error);
    }
  }
}
