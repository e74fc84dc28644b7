// The figures that belong to what an answer cites: small pictures with their captions below its sources.

import { h } from '../core/dom.js';
import { t } from '../core/i18n.js';
import { Holder, Thumbs } from '../core/pictures.js';
import { cleanLine } from '../core/text.js';

/** The name of a figure for people: its caption, else what it is. */
export function figureName(figure) {
  return cleanLine(figure.caption) || t('figure.unnamed');
}

/** A list that stays hidden while there are none; `open(citation)` shows the source that a figure belongs to. */
export class FigureStrip {
  constructor(open) {
    this.open = open;
    this.element = h('ul', { class: 'figures figure-strip', hidden: true, i18nAttrs: { 'aria-label': 'figure.strip' } });
    this.clear();
  }

  /** Add the figures of `citations` that are not shown yet: several citations may have one. */
  show(citations) {
    for (const citation of citations) {
      for (const figure of citation.figures ?? []) {
        const key = `${citation.version_id}:${figure.ordinal}`;
        if (this.known.has(key) || !figure.image) continue;
        this.known.add(key);
        this.element.append(this.card(citation, figure));
      }
    }
    this.element.hidden = this.known.size === 0;
  }

  /** What was shown may not be seen any more, or nobody looks. */
  clear() {
    this.holder?.clear();
    this.holder = new Holder();
    this.thumbs = new Thumbs(this.holder);
    this.known = new Set();
    this.element.replaceChildren();
    this.element.hidden = true;
  }

  card(citation, figure) {
    const frame = h('span', { class: 'thumb' });
    this.thumbs.add(frame, figure.image);
    const label = { 'aria-label': ['figure.open', { name: () => figureName(figure) }] };
    const button = h('button', { type: 'button', class: 'figure-open', i18nAttrs: label, on: { click: () => this.open(citation) } }, frame);
    const caption = figure.caption ? h('p', { class: 'figure-caption', text: cleanLine(figure.caption) }) : null;
    const place = h('p', { class: 'figure-place' }, h('span', { class: 'tag', i18n: ['figure.of', { marker: citation.marker }] }), figure.page ? h('span', { i18n: ['place.page', { page: figure.page }] }) : null);
    return h('li', { class: 'figure' }, button, caption, place);
  }
}
