// Choosing a part of a document: a heading, a sheet, a table or pages, all of it or rows.

import { field, words } from '../core/admin.js';
import { h } from '../core/dom.js';
import { t } from '../core/i18n.js';
import { cleanLine } from '../core/text.js';

/** A choice that cannot be sent; `told` is the key of what to say. */
export class ChoiceError extends Error {
  constructor(key) {
    super(key);
    this.told = key;
  }
}

/** The outline as a list to choose from; `onInput()` is called with every choice. */
export class Outline {
  constructor({ items, total }, onInput) {
    this.items = [{ kind: 'pages', path: [], columns: [] }, ...items];
    this.onInput = onInput;
    this.chosen = null;
    this.filter = h('input', { type: 'search', id: 'parts-filter', autocomplete: 'off', on: { input: () => this.show() } });
    this.list = h('ul', { class: 'plain outline', role: 'group', i18nAttrs: { 'aria-label': 'parts.outline' } });
    this.rest = h('div', { class: 'part', id: 'parts-rest' });
    this.choices = this.items.map((item, number) => this.choice(item, number));
    this.list.append(...this.choices);
    const cut = total > items.length ? [h('p', { class: 'hint', i18n: ['parts.cut', { count: items.length, total }] })] : [];
    const filter = items.length > 12 ? [field('parts.filter', this.filter)] : [];
    this.element = h('div', { class: 'part' }, ...filter, this.list, ...cut, this.rest);
  }

  choice(item, number) {
    const radio = h('input', { type: 'radio', name: 'parts-choice', value: number, on: { change: () => this.choose(item) } });
    const note = item.kind === 'heading' ? (item.page ? ['place.page', { page: item.page }] : null) : item.kind === 'pages' ? null : ['parts.rowcount', { rows: item.rows }];
    const name = h('span', { class: 'outline-name' }, h('span', { class: 'tag', i18n: `parts.kind.${item.kind}` }), ' ', named(item));
    return h('li', { class: `depth-${Math.min(Math.max(item.path.length - (item.kind === 'heading'), 0), 6)}` }, h('label', { class: 'choice' }, radio, name, note && h('small', { class: 'hint', i18n: note })));
  }

  show() {
    const wanted = cleanLine(this.filter.value).toLowerCase();
    for (const [number, row] of this.choices.entries()) row.hidden = !`${this.items[number].path.join(' ')} ${this.items[number].sheet ?? ''}`.toLowerCase().includes(wanted);
  }

  /** Ask what else there is to say of an item: which pages, which rows. */
  choose(item) {
    this.chosen = item;
    this.onInput();
    this.first = h('input', { type: 'number', id: 'parts-first', min: '1', max: item.rows || null, inputmode: 'numeric' });
    this.last = h('input', { type: 'number', id: 'parts-last', min: '1', max: item.rows || null, inputmode: 'numeric' });
    for (const input of [this.first, this.last]) input.addEventListener('input', this.onInput);
    const range = h('div', { class: 'pair', id: 'parts-range' }, field('parts.first', this.first), field('parts.last', this.last));
    if (item.kind === 'pages') return this.rest.replaceChildren(range);
    if (item.kind === 'heading') return this.rest.replaceChildren(h('p', { class: 'hint', i18n: 'parts.below' }));
    this.column = h('select', { id: 'parts-column' }, ...item.columns.map((one) => h('option', { value: one, text: cleanLine(one) })));
    this.values = h('input', { id: 'parts-values', autocomplete: 'off', maxlength: '4000' });
    this.values.addEventListener('input', this.onInput);
    const values = h('div', { class: 'pair' }, field('parts.column', this.column), field('parts.values', this.values));
    const hints = { all: 'parts.rows.all.hint', numbers: item.kind === 'sheet' ? 'parts.rows.numbers.hint' : 'parts.rows.numbers.table', values: 'parts.rows.values.hint' };
    const hint = h('p', { class: 'hint', role: 'status' });
    const place = h('div', {});
    const pick = (mode) => {
      this.mode = mode;
      this.onInput();
      place.replaceChildren(...{ all: [], numbers: [range], values: [values] }[mode]);
      hint.textContent = t(hints[mode]);
    };
    const modes = ['all', 'numbers', ...(item.columns.length ? ['values'] : [])];
    const radios = modes.map((mode) => h('label', { class: 'choice' }, h('input', { type: 'radio', name: 'parts-rows', value: mode, checked: mode === 'all', on: { change: () => pick(mode) } }), h('span', { i18n: `parts.rows.${mode}` })));
    pick('all');
    this.rest.replaceChildren(h('fieldset', { class: 'choices' }, h('legend', { i18n: 'parts.rows' }), ...radios), place, hint);
  }

  /** The selector as the server takes it; throws `ChoiceError`. */
  value() {
    const item = this.chosen;
    if (!item) throw new ChoiceError('parts.nothing');
    if (item.kind === 'pages') return { pages: this.range() };
    if (item.kind === 'heading') return { heading: item.path };
    const where = item.sheet ? { sheet: item.sheet } : item.path.length ? { heading: item.path } : {};
    if (this.mode === 'numbers') return { ...where, numbers: this.range() };
    if (this.mode === 'values') {
      const values = words(this.values.value);
      if (!values.length) throw new ChoiceError('parts.values.none');
      return { ...where, rows: { column: this.column.value, values } };
    }
    // All rows of a table: those of a section have no name of their own, and rows that may be added belong to it.
    return Object.keys(where).length && item.kind === 'sheet' ? where : { ...where, numbers: { first: 1, last: Math.max(item.rows, 1) } };
  }

  range() {
    const [first, last] = [Number(this.first.value), Number(this.last.value || this.first.value)];
    if (!Number.isInteger(first) || !Number.isInteger(last) || first < 1 || last < first) throw new ChoiceError('parts.range');
    return { first, last };
  }
}

function named(item) {
  if (item.kind === 'pages') return h('span', { i18n: 'parts.pages' });
  const text = item.kind === 'heading' ? item.path.at(-1) : item.sheet ?? item.columns.join(' | ');
  return cleanLine(text) ? h('span', { text: cleanLine(text) }) : h('span', { i18n: 'parts.unnamed' });
}

/** What a selector names, in words, as pieces of a line. */
export function described(selector) {
  if (!selector) return [h('span', { class: 'hint', i18n: 'parts.closed' })];
  const found = [];
  if (selector.heading.length) found.push(h('span', { text: selector.heading.map(cleanLine).join(' › ') }));
  if (selector.sheet) found.push(h('span', { i18n: ['parts.said.sheet', { name: cleanLine(selector.sheet) }] }));
  if (selector.pages) found.push(h('span', { i18n: ['parts.said.pages', selector.pages] }));
  if (selector.numbers) found.push(h('span', { i18n: ['parts.said.numbers', selector.numbers] }));
  if (selector.rows) found.push(h('span', { i18n: ['parts.said.rows', { column: cleanLine(selector.rows.column), values: selector.rows.values.map(cleanLine).join('、') }] }));
  return found.flatMap((one, number) => (number ? [' · ', one] : [one]));
}
