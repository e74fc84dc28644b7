// A citation at its place: the page image with the passage marked (drawn by the server), or the passage with the quote marked.

import { copyText } from './core/clipboard.js';
import { fetchBlob, fetchJson, isAbort } from './core/api.js';
import { announce, h, icon, iconButton } from './core/dom.js';
import { bindText, language, sentence, t } from './core/i18n.js';
import { drawPicture } from './core/pictures.js';
import { currentUser } from './core/session.js';
import { clean, cleanLine, splitQuote } from './core/text.js';
import { quarantineSection } from './access/quarantine.js';
import { figureName } from './chat/figures.js';
import { placeOf } from './chat/places.js';

const ZOOMS = [0.5, 0.75, 1, 1.25, 1.5, 2, 2.5, 3];
const NARROW = matchMedia('(max-width: 1099px)');

/** The viewer panel: beside the chat where there is room, over it where there is not. */
export class Viewer {
  /** `behind` are the elements under it; `onClose` is asked to close (the address decides what is open); `onMove(id)` opens a sibling. */
  constructor(root, { behind, onClose, onMove }) {
    this.root = root;
    this.behind = behind;
    this.onClose = onClose;
    this.onMove = onMove;
    this.siblings = [];
    this.id = null;
    this.urls = [];
    root.addEventListener('keydown', (event) => this.key(event));
    NARROW.addEventListener('change', () => this.guard());
  }

  /** Remember which citations stand beside the one that opens next. */
  among(ids) {
    this.siblings = ids;
  }

  /** Open citation `id`. */
  async show(id) {
    this.clear();
    if (this.id === null) this.opener = document.activeElement;
    this.id = id;
    this.control = new AbortController();
    this.title = h('h2', { id: 'viewer-title', i18n: 'viewer.title' });
    this.place = h('p', { class: 'viewer-place' });
    this.content = h('div', { class: 'viewer-content' }, h('p', { class: 'working', i18n: 'viewer.loading' }));
    this.root.replaceChildren(this.head(), this.content);
    this.root.hidden = false;
    this.guard();
    this.root.focus();
    try {
      this.fill(await fetchJson(`/v1/citations/${encodeURIComponent(id)}`, { signal: this.control.signal }));
    } catch (error) {
      if (!isAbort(error)) this.fail(error);
    }
  }

  /** Close and give the focus back. */
  hide() {
    if (this.id === null) return;
    this.clear();
    this.id = null;
    this.root.hidden = true;
    this.root.replaceChildren();
    this.guard();
    if (this.opener?.isConnected) this.opener.focus();
  }

  clear() {
    this.control?.abort();
    for (const url of this.urls.splice(0)) URL.revokeObjectURL(url);
  }

  /** Over the page, what lies behind takes no focus. */
  guard() {
    const covered = this.id !== null && NARROW.matches;
    for (const element of this.behind) element.inert = covered;
    this.root.setAttribute('aria-modal', String(covered));
  }

  key(event) {
    if (event.key === 'Escape') this.onClose();
    else if (event.key === '+' || event.key === '=') this.zoom(1);
    else if (event.key === '-') this.zoom(-1);
    else return;
    event.preventDefault();
  }

  head() {
    const at = this.siblings.indexOf(this.id);
    const move = (step) => () => this.onMove(this.siblings[at + step]);
    const several = at >= 0 && this.siblings.length > 1;
    const tools = h('div', { class: 'viewer-tools' });
    if (several) {
      tools.append(
        iconButton('back', 'viewer.previous', move(-1), { disabled: at === 0 }),
        h('span', { class: 'viewer-count', text: `${at + 1} / ${this.siblings.length}` }),
        iconButton('next', 'viewer.next', move(1), { disabled: at === this.siblings.length - 1 }),
      );
    }
    tools.append(iconButton('link', 'viewer.link', () => this.copyLink()), iconButton('close', 'viewer.close', () => this.onClose(), { 'data-action': 'close' }));
    return h('header', { class: 'viewer-head' }, h('div', { class: 'viewer-names' }, this.title, this.place), tools);
  }

  fail(error) {
    const again = h('button', { type: 'button', class: 'button small', i18n: 'viewer.retry', on: { click: () => this.show(this.id) } });
    const retry = error.status === 404 ? null : again;
    this.content.replaceChildren(h('div', { class: 'problem', role: 'alert' }, icon('warn'), h('span', { i18n: sentence(error) }), retry));
  }

  fill(citation) {
    bindText(this.title, 'raw', { value: citation.document_title });
    bindText(this.place, 'raw', { value: () => placeOf(citation) });
    const parts = [];
    if (citation.superseded) parts.push(h('p', { class: 'superseded' }, h('span', { class: 'badge warn', i18n: 'viewer.superseded' }), h('span', { i18n: 'viewer.superseded.hint' })));
    if (citation.page_image) parts.push(this.quote(citation), this.page(citation));
    else parts.push(this.path(citation));
    this.content.replaceChildren(...parts, this.passage(citation), ...this.figures(citation));
    void this.manage(citation);
    announce(`${cleanLine(citation.document_title)} ${placeOf(citation)}`);
  }

  quote(citation) {
    return h('blockquote', { class: 'viewer-quote', i18nAttrs: { 'aria-label': 'viewer.quote' }, text: clean(citation.quote) });
  }

  /** For formats without pages: where the passage stands, as a path. */
  path(citation) {
    const steps = [...(citation.heading_path ?? []), citation.anchor].map(cleanLine).filter(Boolean);
    return h('ol', { class: 'viewer-path', hidden: steps.length === 0, i18nAttrs: { 'aria-label': 'viewer.place' } }, ...steps.map((step) => h('li', { text: step })));
  }

  passage(citation) {
    const parts = splitQuote(String(citation.passage ?? ''), String(citation.quote ?? ''), citation.start, citation.end);
    const text = parts ? [clean(parts[0]), h('mark', { text: clean(parts[1]) }), clean(parts[2])] : [clean(citation.passage)];
    const lost = !parts && !citation.page_image ? [this.quote(citation)] : [];
    return h('section', { class: 'viewer-passage' }, ...lost, h('h3', { i18n: 'viewer.passage' }), h('p', {}, ...text));
  }

  /** The figures that belong to the passage, large. */
  figures(citation) {
    const shown = (citation.figures ?? []).filter((figure) => figure.image);
    if (!shown.length) return [];
    const items = shown.map((figure) => {
      const frame = h('div', { class: 'figure-large' }, h('p', { class: 'working', i18n: 'docs.loading' }));
      void drawPicture(this, frame, figure.image, ['figure.alt', { name: () => figureName(figure) }]);
      const place = figure.page ? h('p', { class: 'figure-place', i18n: ['place.page', { page: figure.page }] }) : null;
      return h('figure', { class: 'figure-view' }, frame, figure.caption ? h('figcaption', { class: 'figure-title', text: clean(figure.caption) }) : null, place);
    });
    return [h('section', { class: 'viewer-figures' }, h('h3', { i18n: 'figure.section' }), ...items)];
  }

  /** For those who manage the document: its level, and whether it is kept out of search and answers. */
  async manage(citation) {
    const user = currentUser();
    if (!user?.roles.includes('administrator') && !user?.spaces.some((space) => space.can_manage)) return;
    const { control, content } = this;
    const path = `/v1/documents/${encodeURIComponent(citation.document_id)}`;
    try {
      const document = await fetchJson(path, { signal: control.signal });
      if ((document.sections ?? null) === null) return;
      const policy = await fetchJson(`${path}/policy`, { signal: control.signal });
      const level = user.levels?.find((each) => each.value === policy.classification);
      const again = { control, load: () => this.show(this.id) };
      const named = { level: () => level?.[language()] ?? String(policy.classification) };
      content.append(h('section', { class: 'viewer-manage' }, h('h3', { i18n: 'viewer.manage' }), h('p', { class: 'hint', i18n: ['viewer.level', named] }), quarantineSection(again, path, document.quarantine)));
    } catch {
      // What is for managers alone stays away; the passage is shown all the same.
    }
  }

  page(citation) {
    this.scale = h('span', { class: 'viewer-scale', text: '100%' });
    this.sheet = h('div', { class: 'sheet', tabindex: '0' }, h('div', { class: 'sheet-wait', 'aria-hidden': 'true' }));
    this.zoomAt = ZOOMS.indexOf(1);
    const tools = [
      iconButton('minus', 'viewer.zoomout', () => this.zoom(-1)),
      h('button', { type: 'button', class: 'scale-button', i18nAttrs: { title: 'viewer.fit', 'aria-label': 'viewer.fit' }, on: { click: () => this.zoom(0) } }, this.scale),
      iconButton('plus', 'viewer.zoomin', () => this.zoom(1)),
    ];
    void this.load(citation, citation.page);
    return h('div', { class: 'sheet-frame' }, this.sheet, h('div', { class: 'sheet-tools' }, ...this.pages(citation), ...tools));
  }

  /** A passage that runs over a page break has a button for each of its pages. */
  pages(citation) {
    const numbers = [...new Set((citation.boxes ?? []).map((box) => box.page))].sort((one, other) => one - other);
    if (numbers.length < 2) return [];
    const buttons = numbers.map((number) => h('button', { type: 'button', class: 'scale-button', 'aria-pressed': String(number === citation.page), i18n: ['place.page', { page: number }] }));
    for (const [index, button] of buttons.entries()) {
      button.addEventListener('click', () => {
        for (const each of buttons) each.setAttribute('aria-pressed', String(each === button));
        void this.load(citation, numbers[index]);
      });
    }
    return buttons;
  }

  async load(citation, page) {
    const { signal } = this.control;
    try {
      const path = citation.page_image.replace(/\/pages\/\d+/, `/pages/${page}`);
      const url = URL.createObjectURL(await fetchBlob(path, { signal }));
      this.urls.push(url);
      const label = { title: citation.document_title, page };
      this.image = h('img', { class: 'sheet-image', src: url, i18nAttrs: { alt: ['viewer.imagealt', label] } });
      await this.image.decode();
      this.sheet.replaceChildren(this.image);
      this.reveal(citation, page);
    } catch (error) {
      if (isAbort(error) || signal.aborted) return;
      const [key, params] = sentence(error);
      this.sheet.replaceChildren(h('p', { class: 'problem', role: 'alert' }, icon('warn'), h('span', { i18n: ['viewer.imagefailed', { detail: () => t(key, params) }] })));
    }
  }

  /** Scroll to the marked passage; boxes are in page units, `page_size` gives the page in the same units. */
  reveal(citation, page) {
    const box = (citation.boxes ?? []).find((each) => each.page === page);
    if (!box || !citation.page_size?.height) return;
    const middle = ((box.y0 + box.y1) / 2 / citation.page_size.height) * this.image.clientHeight;
    this.sheet.scrollTop = Math.max(0, middle - this.sheet.clientHeight / 2);
  }

  /** Zoom by a step, or back to the width of the panel; the middle of the view stays where it is. */
  zoom(step) {
    if (!this.image?.isConnected) return;
    const { scrollTop, scrollLeft, clientHeight, clientWidth, scrollHeight, scrollWidth } = this.sheet;
    const x = (scrollLeft + clientWidth / 2) / scrollWidth;
    const y = (scrollTop + clientHeight / 2) / scrollHeight;
    this.zoomAt = step === 0 ? ZOOMS.indexOf(1) : Math.min(ZOOMS.length - 1, Math.max(0, this.zoomAt + step));
    this.image.style.width = `${ZOOMS[this.zoomAt] * 100}%`;
    this.scale.textContent = `${ZOOMS[this.zoomAt] * 100}%`;
    this.sheet.scrollLeft = x * this.sheet.scrollWidth - clientWidth / 2;
    this.sheet.scrollTop = y * this.sheet.scrollHeight - clientHeight / 2;
  }

  async copyLink() {
    const copied = await copyText(`${location.origin}/?citation=${encodeURIComponent(this.id)}`);
    const key = copied ? 'viewer.linked' : 'copy.failed';
    const note = h('p', { class: 'viewer-note', i18n: key });
    this.content.prepend(note);
    announce(t(key));
    setTimeout(() => note.remove(), 3000);
  }
}
