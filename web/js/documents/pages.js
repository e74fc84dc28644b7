// The pages of a document: how surely they were recognised, those that could not be read, and one page as it looks.

import { fetchJson, isAbort } from '../core/api.js';
import { h, icon, iconButton } from '../core/dom.js';
import { bindText, sentence } from '../core/i18n.js';
import { cleanLine } from '../core/text.js';

// Below this a reader should look at the page itself.
const DOUBTFUL = 0.9;
const MAX_LISTED = 50;

/** A section that fills itself with the pages of the document in `details`, and stays hidden when it has none. */
export function pageSection(details, path) {
  const section = h('section', { class: 'recognised', hidden: true });
  const { signal } = details.control;
  fetchJson(`${path}/pages`, { signal })
    .then(({ items }) => show(details, section, items))
    .catch((error) => {
      if (isAbort(error)) return;
      section.replaceChildren(h('p', { class: 'hint', i18n: sentence(error) }));
      section.hidden = false;
    });
  return section;
}

function show(details, section, pages) {
  details.pages = pages;
  if (!pages.length) return;
  const read = pages.filter((page) => page.confidence !== null);
  const failed = pages.filter((page) => page.error);
  const doubtful = read.filter((page) => !page.error && page.confidence < DOUBTFUL).sort((one, two) => one.confidence - two.confidence);
  const mean = read.reduce((sum, page) => sum + page.confidence, 0) / read.length;
  const rows = [...failed, ...doubtful].slice(0, MAX_LISTED).map((page) => h('li', { class: page.error ? 'failed' : '' }, link(details, page), ...state(page)));
  const look = h('button', { type: 'button', class: 'button small', i18n: 'pages.look', on: { click: () => details.open(new PageView(details, 1)) } });
  const told = read.length ? ['pages.read', { count: read.length, percent: percent(mean) }] : ['pages.layer', { count: pages.length }];
  const parts = [h('h3', {}, h('span', { i18n: 'pages.title' }), ' ', h('span', { class: 'hint', i18n: ['pages.count', { count: pages.length }] })), h('p', { class: 'pages-told' }, h('span', { i18n: told }), look)];
  if (failed.length) parts.push(h('p', { class: 'problem' }, icon('warn'), h('span', { i18n: ['pages.failed', { count: failed.length }] })));
  if (rows.length) parts.push(h('ul', { class: 'plain page-list' }, ...rows));
  section.replaceChildren(...parts);
  section.hidden = false;
}

function link(details, page) {
  return h('button', { type: 'button', class: 'link', i18n: ['place.page', { page: page.number }], on: { click: () => details.open(new PageView(details, page.number)) } });
}

function state(page) {
  if (page.error) return [h('code', { class: 'code', text: cleanLine(page.error) })];
  if (page.confidence === null) return [h('span', { class: 'hint', i18n: 'pages.own' })];
  return [h('meter', { min: 0, max: 1, low: DOUBTFUL, high: 0.97, optimum: 1, value: page.confidence, 'aria-hidden': 'true' }), h('span', { class: 'hint', i18n: ['pages.confidence', { percent: percent(page.confidence) }] })];
}

function percent(share) {
  return (share * 100).toFixed(1);
}

/** A page as it looks, with a way to its neighbours. */
export class PageView {
  constructor(details, number) {
    this.details = details;
    this.number = number;
    this.place = h('span', { class: 'page-number', role: 'status' });
    this.told = h('span', { class: 'page-told' });
    this.back = iconButton('back', 'pages.previous', () => this.turn(-1));
    this.next = iconButton('next', 'pages.next', () => this.turn(1));
    this.frame = h('div', { class: 'page-large' });
    this.element = h('section', { class: 'page-view' }, h('div', { class: 'page-tools' }, this.back, this.place, this.next, this.told), this.frame);
  }

  turn(step) {
    this.number += step;
    void this.load();
  }

  async load() {
    const number = this.number;
    const pages = this.details.pages ?? [];
    const page = pages.find((each) => each.number === number);
    bindText(this.place, 'pages.of', { number, count: pages.length || number });
    this.back.disabled = number <= 1;
    this.next.disabled = number >= pages.length;
    this.told.replaceChildren(...(page ? state(page) : []));
    this.frame.replaceChildren(h('p', { class: 'working', i18n: 'docs.loading' }));
    await this.details.picture(this.frame, `${this.details.path}/pages/${number}`, ['pages.alt', { number }], () => this.number === number);
  }
}
