// One question and its answer on the page.

import { copyText } from '../core/clipboard.js';
import { announce, h, icon, iconButton } from '../core/dom.js';
import { bindText, has, sentence, t } from '../core/i18n.js';
import { clean, cleanLine } from '../core/text.js';
import { openEditor } from './editing.js';
import { FigureStrip } from './figures.js';
import { interpretationLines } from './interpretation.js';
import { renderAnswer } from './markup.js';
import { placeOf } from './places.js';

/** Answers to a request that will be refused however often it is sent. */
const REFUSED = [413, 415, 422];

/** A turn grows with the stream; `state` is "open", "done", "stopped" or "failed". */
export class Turn {
  /**
   * `openCitation(id, ids)` opens a citation among its siblings, `retry(turn)` asks the question again, and
   * `edit(turn, question)` another one in its place; without it nobody may change what was asked.
   */
  constructor(question, { openCitation, retry, edit = null }) {
    this.question = question;
    this.id = null;
    this.edit = edit;
    this.text = '';
    this.shorts = [];
    this.checked = 0;
    this.state = 'open';
    this.citations = new Map();
    this.openCitation = openCitation;
    this.retry = retry;
    this.frame = 0;
    this.build();
  }

  build() {
    this.working = h('p', { class: 'working', i18n: 'chat.working' });
    this.body = h('div', { class: 'answer-body' }, this.working);
    this.sources = h('ol', { class: 'sources', hidden: true, i18nAttrs: { 'aria-label': 'answer.sources' } });
    this.problem = h('div', { class: 'problem', role: 'alert', hidden: true });
    this.status = h('span', { class: 'answer-status' });
    this.copyButton = h('button', { type: 'button', class: 'button quiet small', hidden: true, on: { click: () => this.copy() } }, icon('copy'), h('span', { i18n: 'answer.copy' }));
    this.againButton = h('button', { type: 'button', class: 'button quiet small', hidden: true, 'data-action': 'again', on: { click: () => this.retry(this) } }, icon('replace'), h('span', { i18n: 'answer.again' }));
    const label = h('span', { class: 'ai-label', i18n: 'answer.label' });
    this.figures = new FigureStrip((citation) => this.open(citation));
    this.answer = h('article', { class: 'answer', 'aria-busy': 'true' }, this.body, this.problem, this.sources, this.figures.element, h('footer', { class: 'answer-foot' }, label, this.status, this.againButton, this.copyButton));
    const asked = h('div', { class: 'question' }, h('span', { class: 'visually-hidden', i18n: 'chat.you' }), h('p', { text: clean(this.question) }));
    if (this.edit) asked.append(iconButton('edit', 'edit.question', () => openEditor(this, asked), { class: 'icon-button edit', 'data-action': 'edit' }));
    this.reading = h('ul', { class: 'interpretation', hidden: true, i18nAttrs: { 'aria-label': 'asked.label' } });
    this.element = h('li', { class: 'turn' }, asked, this.reading, this.answer);
  }

  /** What the service made of the question: shown where it is not just the question. */
  understood(interpretation) {
    const lines = interpretationLines(interpretation);
    this.reading.replaceChildren(...lines.map((text) => h('li', { i18n: text })));
    this.reading.hidden = lines.length === 0;
  }

  /** Take text of the stream; shown with the next frame. */
  append(text) {
    this.text += text;
    this.frame ||= requestAnimationFrame(() => this.show());
  }

  /** Take statements of the text so far: where one has a short answer, its words stand out. */
  emphasise(statements) {
    for (const { text, short_answer: short } of statements) {
      const from = text ? this.text.indexOf(text, this.checked) : -1;
      if (from < 0) continue;
      this.checked = from + text.length;
      if (!short) continue;
      const [before, words] = [[0, short.start], [short.start, short.end]].map((span) => Array.from(text).slice(...span).join(''));
      if (words) this.shorts.push([from + before.length, from + before.length + words.length]);
    }
    this.frame ||= requestAnimationFrame(() => this.show());
  }

  /** Take citations; markers already in the text become chips. */
  cite(citations) {
    for (const citation of citations) this.citations.set(citation.marker, citation);
    this.showSources();
    this.frame ||= requestAnimationFrame(() => this.show());
  }

  /** The stream is complete. */
  finish({ answerer, refused, notices }) {
    this.end('done');
    this.answer.classList.toggle('refused', refused);
    const badges = [];
    if (refused) badges.push(h('span', { class: 'badge warn', i18n: 'answer.refused' }));
    if (has(`answer.${answerer}.hint`)) badges.push(h('span', { class: 'badge', i18n: `answer.${answerer}`, i18nAttrs: { title: `answer.${answerer}.hint` } }));
    this.status.replaceChildren(...badges);
    for (const notice of notices.map(cleanLine)) {
      const [code, counts = ''] = notice.split(' ');
      const [n, m] = counts.split('/');
      const words = has(`notice.${code}`) ? [`notice.${code}`, { n, m }] : ['notice.other', { code: notice }];
      this.sources.before(h('p', { class: 'notice', i18n: words }));
    }
    this.copyButton.hidden = false;
    this.againButton.hidden = !this.edit;
    announce(t('chat.announce', { text: this.text, count: this.citations.size }));
  }

  /** Show a stored turn: what may not be seen any more is a mark in its text. */
  restore({ id, answer, statements, citations, answerer, refused, redacted, notices, state }) {
    this.id = id;
    this.append(answer);
    this.emphasise(statements);
    this.cite(citations);
    if (state === 'answered') this.finish({ answerer, refused, notices });
    else this.stop();
    if (redacted) this.sources.before(h('p', { class: 'notice', i18n: 'history.redacted' }));
  }

  /** The person stopped the answer. */
  stop() {
    this.end('stopped');
    this.tell(['chat.stopped', {}]);
  }

  /** The answer failed; the person may ask again, other words where these are refused. */
  fail(error) {
    if (error.code === 'answer.revoked') this.withdraw();
    this.end('failed');
    const said = this.text && error.sentence === 'error.network' ? ['chat.interrupted', {}] : sentence(error);
    this.tell(said, !REFUSED.includes(error.status));
  }

  /** What was said rests on something that the person may not see any more. */
  withdraw() {
    this.text = '';
    this.shorts = [];
    this.checked = 0;
    this.figures.clear();
    this.citations.clear();
    this.showSources();
    this.body.replaceChildren(this.working);
  }

  /** Take it off the page. */
  remove() {
    this.figures.clear();
    this.element.remove();
  }

  end(state) {
    this.state = state;
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    this.show();
    this.answer.removeAttribute('aria-busy');
  }

  tell([key, params], mayPass = true) {
    const again = h('button', { type: 'button', class: 'button small', i18n: 'chat.retry', on: { click: () => this.retry(this) } });
    this.problem.replaceChildren(icon('warn'), h('span', { i18n: [key, params] }), ...(mayPass ? [again] : []));
    this.problem.hidden = false;
  }

  show() {
    this.frame = 0;
    if (this.text) this.body.replaceChildren(...renderAnswer(this.text, (marker) => this.chip(marker), this.shorts));
    else this.working.hidden = this.state !== 'open';
  }

  chip(marker) {
    const citation = this.citations.get(marker);
    if (!citation) return null;
    const label = { marker, title: citation.document_title, place: () => placeOf(citation) };
    return h('button', {
      type: 'button',
      class: 'chip',
      text: String(marker),
      'data-marker': marker,
      i18nAttrs: { 'aria-label': ['cite.chip', label], title: ['cite.chip', label] },
      on: { click: () => this.open(citation) },
    });
  }

  open(citation) {
    this.openCitation(citation.id, this.ordered().map((each) => each.id));
  }

  ordered() {
    return [...this.citations.values()].sort((one, other) => one.marker - other.marker);
  }

  showSources() {
    this.sources.replaceChildren(...this.ordered().map((citation) => this.source(citation)));
    this.sources.hidden = this.citations.size === 0;
    this.figures.show(this.ordered());
  }

  source(citation) {
    const head = h('span', { class: 'source-title', text: cleanLine(citation.document_title) });
    const place = h('span', { class: 'source-place', i18n: ['raw', { value: () => placeOf(citation) }] });
    const partial = citation.support === 'partial' ? h('span', { class: 'badge warn', i18n: 'cite.partial' }) : null;
    const quote = h('span', { class: 'source-quote', text: cleanLine(citation.quote) });
    const number = h('span', { class: 'source-number', 'aria-hidden': 'true', text: String(citation.marker) });
    return h('li', {}, h('button', { type: 'button', class: 'source', 'data-citation': citation.marker, on: { click: () => this.open(citation) } }, number, h('span', { class: 'source-main' }, h('span', { class: 'source-head' }, head, place, partial), quote)));
  }

  /** The answer and its sources as plain text; the AI label always travels with it. */
  plainText() {
    const sources = this.ordered().map((each) => `[${each.marker}] ${cleanLine(each.document_title)} · ${placeOf(each)} — ${cleanLine(each.quote)}`);
    return [clean(this.text), sources.join('\n'), t('answer.copylabel')].filter(Boolean).join('\n\n');
  }

  async copy() {
    const key = (await copyText(this.plainText())) ? 'answer.copied' : 'copy.failed';
    const label = this.copyButton.querySelector('[data-i18n]');
    bindText(label, key);
    announce(t(key));
    setTimeout(() => bindText(label, 'answer.copy'), 2000);
  }
}
