// The figures and formulas of a document: small pictures, one large with what belongs to it.

import { fetchJson, isAbort } from '../core/api.js';
import { h, icon } from '../core/dom.js';
import { bindText, sentence } from '../core/i18n.js';
import { Thumbs } from '../core/pictures.js';
import { clean, cleanLine } from '../core/text.js';
import { PageView } from './pages.js';

const PAGE_SIZE = 24;

/** A section that fills itself with the figures of the document in `details`, and stays hidden when there are none. */
export function figureSection(details, path) {
  const grid = h('ul', { class: 'figures' });
  const count = h('span', { class: 'hint' });
  const more = h('button', { type: 'button', class: 'button small', hidden: true, i18n: 'docs.more' });
  const section = h('section', { hidden: true }, h('h3', {}, h('span', { i18n: 'figures.title' }), ' ', count), grid, more);
  const thumbs = new Thumbs(details);
  const load = async (offset) => {
    try {
      const body = await fetchJson(`${path}/figures?offset=${offset}&limit=${PAGE_SIZE}`, { signal: details.control.signal });
      grid.append(...body.items.map((figure) => card(details, thumbs, figure)));
      bindText(count, 'figures.count', { count: body.total });
      section.hidden = body.total === 0;
      more.hidden = body.next_offset === null;
      more.onclick = () => load(body.next_offset);
    } catch (error) {
      if (isAbort(error)) return;
      section.replaceChildren(h('p', { class: 'hint', i18n: sentence(error) }));
      section.hidden = false;
    }
  };
  void load(0);
  return section;
}

function card(details, thumbs, figure) {
  const frame = h('span', { class: 'thumb' }, h('span', { class: 'hint', i18n: 'figures.nopicture' }));
  if (figure.image) thumbs.add(frame, figure.image);
  const open = h('button', { type: 'button', class: 'figure-open', i18nAttrs: { 'aria-label': ['figures.open', { name: () => cleanLine(figure.caption) || cleanLine(figure.number) || cleanLine(figure.text).slice(0, 60) || String(figure.ordinal) }] }, on: { click: () => details.open(new FigureView(details, figure)) } }, frame);
  const named = figure.caption || (figure.kind === 'formula' ? figure.text : '');
  const caption = named ? h('p', { class: 'figure-caption', text: cleanLine(named) }) : h('p', { class: 'figure-caption hint', i18n: 'figures.uncaptioned' });
  return h('li', { class: 'figure', 'data-kind': cleanLine(figure.kind) }, open, caption, h('p', { class: 'figure-place' }, h('span', { class: 'tag', i18n: `figures.${figure.kind === 'formula' ? 'formula' : 'figure'}` }), pageLink(details, figure.page)));
}

function pageLink(details, page) {
  if (!page) return null;
  return h('button', { type: 'button', class: 'link', i18n: ['place.page', { page }], on: { click: () => details.open(new PageView(details, page)) } });
}

/** One figure large, with its caption, the sentence that refers to it, and the text in it. */
class FigureView {
  constructor(details, figure) {
    this.details = details;
    this.figure = figure;
    this.frame = h('div', { class: 'figure-large' }, figure.image ? h('p', { class: 'working', i18n: 'docs.loading' }) : h('p', { class: 'hint', i18n: 'figures.nopicture' }));
    this.element = h('section', { class: 'figure-view' }, this.frame, figure.caption ? h('p', { class: 'figure-title', text: clean(figure.caption) }) : null, this.place(), this.facts());
  }

  place() {
    const steps = (this.figure.heading_path ?? []).map(cleanLine).filter(Boolean);
    if (this.figure.anchor) steps.push(cleanLine(this.figure.anchor));
    return h('p', { class: 'block-place' }, icon('file'), steps.length ? h('span', { text: steps.join(' › ') }) : null, pageLink(this.details, this.figure.page));
  }

  facts() {
    const { reference, before, after, text, confidence } = this.figure;
    const facts = h('dl', { class: 'facts' });
    const fact = (key, value, ...more) => value && facts.append(h('dt', { i18n: key }), h('dd', {}, h('span', { class: 'block-text', text: clean(value) }), ...more));
    fact('figures.reference', reference?.text, ' ', pageLink(this.details, reference?.page));
    fact('figures.before', before);
    fact('figures.after', after);
    const sure = confidence === null ? null : h('span', { class: 'hint', i18n: ['pages.confidence', { percent: (confidence * 100).toFixed(1) }] });
    fact(this.figure.kind === 'formula' ? 'figures.formula' : 'figures.text', text, ' ', sure);
    return facts;
  }

  async load() {
    if (this.figure.image) await this.details.picture(this.frame, this.figure.image, ['figures.alt', { name: this.figure.caption || this.figure.number || '' }]);
  }
}
