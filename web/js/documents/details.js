// What is behind a document: its profile, near-duplicates the user may read, figures, pages, versions and their text.

import { fetchJson, isAbort } from '../core/api.js';
import { openExplain } from '../access/explain.js';
import { h, icon, iconButton } from '../core/dom.js';
import { dateTime, has, sentence } from '../core/i18n.js';
import { drawPicture } from '../core/pictures.js';
import { cleanLine } from '../core/text.js';
import { figureSection } from './figures.js';
import { pageSection } from './pages.js';
import { partsSection } from '../access/parts.js';
import { quarantineSection } from '../access/quarantine.js';
import { Difference, VersionText } from './revision.js';

/** A dialog over the list. `onChanged()` is called when the document has a new version. */
export class Details {
  constructor(onChanged) {
    this.onChanged = onChanged;
    this.urls = [];
    this.element = h('dialog', { class: 'panel details', 'aria-labelledby': 'details-title', on: { close: () => this.clear() } });
  }

  /** Open document `item`; `manages` lets the user correct its text. */
  async show(item, manages) {
    this.clear();
    this.item = item;
    this.manages = manages;
    this.control = new AbortController();
    this.body = h('div', { class: 'details-body' }, h('p', { class: 'working', i18n: 'docs.loading' }));
    const why = h('button', { type: 'button', class: 'button small', i18n: 'why.open', 'data-action': 'explain', on: { click: () => openExplain(item, manages) } });
    const close = iconButton('close', 'viewer.close', () => this.element.close());
    this.element.replaceChildren(h('header', { class: 'details-head' }, h('h2', { id: 'details-title', text: cleanLine(item.title) }), h('span', { class: 'head-end' }, why, close)), this.body);
    if (!this.element.open) this.element.showModal();
    await this.load();
  }

  /** Forget the document; nothing of it stays in the page. */
  clear() {
    this.control?.abort();
    this.forget();
    this.pages = [];
    this.element.replaceChildren();
  }

  forget() {
    for (const url of this.urls.splice(0)) URL.revokeObjectURL(url);
  }

  get path() {
    return `/v1/documents/${encodeURIComponent(this.item.id)}`;
  }

  async load() {
    const { path } = this;
    const { signal } = this.control;
    this.forget();
    try {
      const [profile, similar, document] = await Promise.all([fetchJson(`${path}/profile`, { signal }), fetchJson(`${path}/similar`, { signal }), fetchJson(path, { signal })]);
      this.current = document.current_version?.id;
      this.body.replaceChildren(...[this.about(profile), this.duplicates(similar), figureSection(this, path), pageSection(this, path), this.versions(document.versions), this.manages && document.current_version && partsSection(this, document.sections), this.manages && quarantineSection(this, path, document.quarantine)].filter(Boolean));
    } catch (error) {
      if (!isAbort(error)) this.body.replaceChildren(h('div', { class: 'problem', role: 'alert' }, icon('warn'), h('span', { i18n: sentence(error) })));
    }
  }

  about(profile) {
    if (!profile.described) return h('p', { class: 'hint', i18n: 'details.none' });
    const facts = h('dl', { class: 'facts' });
    const fact = (key, ...values) => facts.append(h('dt', { i18n: key }), h('dd', {}, ...values));
    fact('docs.type', h('span', { i18n: named('kind', profile.kind) }), ' · ', h('span', { i18n: named('language', profile.language) }));
    for (const one of profile.dates) fact(`date.${one.role}`, h('time', { datetime: one.date, title: cleanLine(one.text), text: one.date }));
    if (profile.keywords.length) fact('details.keywords', ...profile.keywords.map((word) => h('span', { class: 'tag', text: cleanLine(word) })));
    const terms = profile.terms.map((one) => h('li', {}, h('strong', { text: cleanLine(one.term) }), ' ', cleanLine(one.meaning)));
    if (terms.length) facts.append(h('dt', { i18n: 'details.terms' }), h('dd', {}, h('ul', { class: 'plain' }, ...terms)));
    const names = profile.entities.slice(0, 12).map((one) => h('span', { class: 'tag', text: cleanLine(one.name) }));
    if (names.length) fact('details.names', ...names);
    const summary = profile.summary.map((one) => h('li', { text: cleanLine(one.text) }));
    const author = profile.summary_by === 'llm' ? 'details.by.llm' : 'details.by.extractive';
    const told = summary.length ? [h('h3', {}, h('span', { i18n: 'details.summary' }), ' ', h('span', { class: 'hint', i18n: author })), h('ul', { class: 'summary' }, ...summary)] : [];
    return h('section', {}, ...told, facts);
  }

  duplicates(similar) {
    if (!similar.items.length) return null;
    const rows = similar.items.map((one) =>
      h('li', {}, h('span', { text: cleanLine(one.title) }), ' ', h('span', { class: 'hint', i18n: one.same_file ? 'details.same' : ['details.alike', { percent: Math.round(one.similarity * 100) }] })),
    );
    return h('section', {}, h('h3', { i18n: 'details.similar' }), h('ul', { class: 'plain' }, ...rows));
  }

  versions(all) {
    const published = all.filter((version) => version.published_at);
    const rows = published.map((version, place) => {
      const now = version.id === this.current;
      const buttons = [h('button', { type: 'button', class: 'button small', i18n: 'details.text', on: { click: () => this.open(new VersionText(this, version.id, now && this.manages)) } })];
      const older = published[place + 1];
      if (older) buttons.push(h('button', { type: 'button', class: 'button small', i18n: 'details.compare', on: { click: () => this.open(new Difference(this, version.id, older.id)) } }));
      const mark = now ? h('span', { class: 'state good', i18n: 'details.current' }) : null;
      return h('li', {}, h('span', { class: 'version-date', text: dateTime(version.published_at) }), h('span', { class: 'version-name', text: cleanLine(version.filename) }), mark, ...buttons);
    });
    return h('section', {}, h('h3', { i18n: 'details.versions' }), h('ul', { class: 'plain versions' }, ...rows));
  }

  /** Put the picture at `path` into `frame`; see `drawPicture`. */
  picture(...given) {
    return drawPicture(this, ...given);
  }

  /** Show a view instead of the overview, with a way back. */
  open(view) {
    const back = h('button', { type: 'button', class: 'button quiet small', on: { click: () => this.load() } }, icon('back'), h('span', { i18n: 'details.back' }));
    this.body.replaceChildren(back, view.element);
    this.element.scrollTop = 0;
    back.focus();
    void view.load();
  }
}

function named(kind, value) {
  const key = `${kind}.${value}`;
  return has(key) ? key : ['raw', { value: cleanLine(value) }];
}
