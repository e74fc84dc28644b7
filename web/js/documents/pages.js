// The pages of a document that were recognised from images, how surely, and those that could not be read.

import { fetchJson, isAbort } from '../core/api.js';
import { h } from '../core/dom.js';
import { sentence } from '../core/i18n.js';
import { cleanLine } from '../core/text.js';

// Below this a reader should look at the page itself.
const DOUBTFUL = 0.9;
const MAX_LISTED = 50;

/** A section that fills itself with the pages at `path`, and stays hidden when all of them have their own text. */
export function recognisedPages(path, signal) {
  const section = h('section', { class: 'recognised', hidden: true });
  fetchJson(path, { signal })
    .then(({ items }) => show(section, items))
    .catch((error) => {
      if (isAbort(error)) return;
      section.replaceChildren(h('p', { class: 'hint', i18n: sentence(error) }));
      section.hidden = false;
    });
  return section;
}

function show(section, pages) {
  const read = pages.filter((page) => page.confidence !== null);
  const failed = pages.filter((page) => page.error);
  if (!read.length && !failed.length) return;
  const rows = failed.slice(0, MAX_LISTED).map((page) => h('li', {}, number(page), ' ', h('code', { class: 'code', text: cleanLine(page.error) })));
  const doubtful = read.filter((page) => page.confidence < DOUBTFUL).sort((one, two) => one.confidence - two.confidence);
  rows.push(...doubtful.slice(0, MAX_LISTED).map((page) => h('li', {}, number(page), ' ', h('span', { class: 'hint', i18n: ['pages.confidence', { percent: percent(page.confidence) }] }))));
  const mean = read.reduce((sum, page) => sum + page.confidence, 0) / read.length;
  const summary = read.length ? h('p', { i18n: ['pages.read', { count: read.length, percent: percent(mean) }] }) : null;
  section.replaceChildren(...[h('h3', { i18n: 'pages.title' }), summary, rows.length ? h('ul', { class: 'plain' }, ...rows) : null].filter(Boolean));
  section.hidden = false;
}

function number(page) {
  return h('span', { i18n: ['pages.number', { number: page.number }] });
}

function percent(share) {
  return (share * 100).toFixed(1);
}
