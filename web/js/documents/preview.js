// How would this file be cut? A look at its passages before it is uploaded; the server keeps nothing of it.

import { isAbort, upload } from '../core/api.js';
import { announce, h, icon, iconButton } from '../core/dom.js';
import { bindText, has, sentence, t } from '../core/i18n.js';
import { clean, cleanLine } from '../core/text.js';

const BREAKS = ['lexical', 'embedding', 'off'];
const PAGE_SIZE = 40;
const [FEWEST, MOST] = [32, 8192];

/** A dialog over the upload panel. */
export class PreviewDialog {
  constructor() {
    this.element = h('dialog', { class: 'panel preview', 'aria-labelledby': 'preview-title', on: { close: () => this.clear() } });
  }

  /** Cut `file` for a look under `title`. */
  show(file, title) {
    this.clear();
    this.file = file;
    this.title = title;
    this.result = h('div', { class: 'preview-result', 'aria-live': 'off' });
    this.status = h('p', { class: 'working', role: 'status' });
    this.element.replaceChildren(h('header', { class: 'details-head' }, h('h2', { id: 'preview-title', i18n: ['preview.title', { name: file.name }] }), iconButton('close', 'viewer.close', () => this.element.close())), h('div', { class: 'details-body' }, this.options(), this.status, this.result));
    if (!this.element.open) this.element.showModal();
    void this.cut();
  }

  /** Forget the file; nothing of it stays in the page. */
  clear() {
    this.control?.abort();
    this.file = null;
    this.element.replaceChildren();
  }

  options() {
    this.tokens = h('input', { id: 'preview-tokens', type: 'number', min: FEWEST, max: MOST, step: 1, inputmode: 'numeric', i18nAttrs: { placeholder: 'preview.default' } });
    this.breaks = h('select', { id: 'preview-breaks' }, h('option', { value: '', i18n: 'preview.default' }), ...BREAKS.map((value) => h('option', { value, i18n: `preview.breaks.${value}` })));
    this.again = h('button', { type: 'submit', class: 'button', i18n: 'preview.again' });
    const field = (id, key, control) => h('div', { class: 'field' }, h('label', { for: id, i18n: key }), control);
    return h('form', { class: 'preview-options', on: { submit: (event) => this.submit(event) } }, field('preview-tokens', 'preview.tokens', this.tokens), field('preview-breaks', 'preview.breaks', this.breaks), this.again);
  }

  submit(event) {
    event.preventDefault();
    void this.cut();
  }

  async cut() {
    this.control?.abort();
    this.control = new AbortController();
    const { signal } = this.control;
    const form = new FormData();
    form.append('title', cleanLine(this.title));
    if (this.tokens.value) form.append('chunk_tokens', this.tokens.value);
    if (this.breaks.value) form.append('topic_breaks', this.breaks.value);
    form.append('file', this.file, this.file.name);
    this.status.hidden = false;
    this.again.disabled = true;
    this.element.setAttribute('aria-busy', 'true');
    bindText(this.status, 'preview.busy');
    try {
      const body = await upload('/v1/preview', form, { signal });
      this.fill(body);
      announce(t('preview.done', { count: body.statistics.chunks }));
    } catch (error) {
      if (isAbort(error)) return;
      const code = error.code ? h('code', { class: 'code', text: error.code }) : null;
      this.result.replaceChildren(h('div', { class: 'problem', role: 'alert' }, icon('warn'), h('span', { i18n: sentence(error) }), code));
    }
    this.status.hidden = true;
    this.again.disabled = false;
    this.element.removeAttribute('aria-busy');
  }

  fill(body) {
    this.chunks = body.chunks;
    this.list = h('ol', { class: 'plain preview-chunks' });
    this.more = h('button', { type: 'button', class: 'button small', i18n: 'docs.more', on: { click: () => this.further() } });
    this.result.replaceChildren(...[numbers(body), sizes(body), issues(body), h('section', {}, h('h3', { i18n: 'preview.chunks' }), this.list, this.more), left(body)].filter(Boolean));
    this.further();
  }

  further() {
    const shown = this.list.childElementCount;
    this.list.append(...this.chunks.slice(shown, shown + PAGE_SIZE).map(row));
    this.more.hidden = this.list.childElementCount >= this.chunks.length;
  }
}

function numbers({ statistics, chunk_tokens: limit }) {
  const fact = (name, value) => h('div', {}, h('dt', { i18n: `preview.count.${name}` }), h('dd', { text: value }));
  const plain = ['chunks', 'sections', 'pages', 'tables', 'figures'].map((name) => fact(name, statistics[name] || name !== 'pages' ? statistics[name].toLocaleString() : '—'));
  const range = fact('size', `${statistics.smallest} – ${statistics.median} – ${statistics.largest}`);
  return h('dl', { class: 'numbers' }, ...plain, range, fact('limit', limit));
}

function sizes({ statistics }) {
  const most = Math.max(...statistics.histogram.map((bar) => bar.chunks), 1);
  const bars = statistics.histogram.map((bar) => h('tr', {}, h('th', { scope: 'row', text: `${bar.low}–${bar.high}` }), h('td', { class: 'bar' }, h('progress', { max: most, value: bar.chunks, 'aria-hidden': 'true' })), h('td', { class: 'amount', text: bar.chunks })));
  return h('section', {}, h('table', { class: 'histogram' }, h('caption', { i18n: 'preview.sizes' }), h('tbody', {}, ...bars)));
}

function issues({ warnings, page_issues: pages }) {
  if (!warnings.length && !pages.length) return null;
  const rows = [...pages.map((each) => h('li', {}, h('span', { i18n: ['place.page', { page: each.page }] }), ' ', h('code', { class: 'code', text: cleanLine(each.error) }))), ...warnings.map((each) => h('li', {}, h('code', { class: 'code', text: cleanLine(each) })))];
  return h('details', { class: 'warnings' }, h('summary', { i18n: ['docs.warnings', { count: rows.length }] }), h('ul', {}, ...rows));
}

function row(chunk) {
  const key = `language.${chunk.language}`;
  const facts = [h('strong', { text: `#${chunk.ordinal + 1}` }), h('span', { i18n: ['preview.tokencount', { count: chunk.tokens }] })];
  if (chunk.pages.length) facts.push(h('span', { i18n: ['place.page', { page: span(chunk.pages) }] }));
  if (chunk.anchor) facts.push(h('span', { text: cleanLine(chunk.anchor) }));
  facts.push(h('span', { i18n: has(key) ? key : ['raw', { value: chunk.language }] }));
  const context = chunk.context ? h('p', { class: 'preview-context', i18nAttrs: { title: 'preview.context' }, text: cleanLine(chunk.context) }) : null;
  return h('li', { class: 'preview-chunk' }, h('p', { class: 'block-place' }, ...facts), context, h('p', { class: 'block-text', text: clean(chunk.text) }));
}

function span(pages) {
  return pages.length > 1 ? `${pages[0]}–${pages.at(-1)}` : String(pages[0]);
}

function left({ statistics, chunks }) {
  return statistics.chunks > chunks.length ? h('p', { class: 'hint', i18n: ['preview.left', { count: chunks.length }] }) : null;
}
