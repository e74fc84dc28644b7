// Stored conversations beside the chat: those of the person, and those that others share with them.

import { request } from '../core/api.js';
import { h, iconButton } from '../core/dom.js';
import { t } from '../core/i18n.js';
import { cleanLine } from '../core/text.js';
import { openSharing } from './sharing.js';

const KEEP = 'wenyuan.history';
const MOST = 50;

/** The list; `open(id)` shows a conversation, `deleted(id)` tells that one is gone. */
export class History {
  constructor({ open, deleted }) {
    this.open = open;
    this.deleted = deleted;
    this.refused = false;
    this.keep = h('input', { type: 'checkbox', id: 'keep-history', on: { change: () => localStorage.setItem(KEEP, this.keep.checked ? '1' : '0') } });
    this.list = h('div', { class: 'history-list' });
    const keep = h('label', { class: 'history-keep', for: 'keep-history' }, this.keep, h('span', { i18n: 'history.keep' }));
    this.element = h('details', { class: 'history', on: { toggle: () => this.element.open && this.load() } }, h('summary', { i18n: 'history.title' }), this.list, keep);
    this.reset();
  }

  /** Another person may be at the keyboard. */
  reset() {
    this.keep.checked = localStorage.getItem(KEEP) !== '0';
    this.refused = false;
    this.element.open = false;
    this.list.replaceChildren();
  }

  /** The conversation that a question goes into: `id`, or a new one; null where none is stored. */
  async place(id) {
    if (!this.keep.checked || this.refused) return null;
    if (id) return id;
    try {
      const response = await request('/v1/conversations', { method: 'POST', json: {} });
      return (await response.json()).id;
    } catch {
      // History is off, or the account may not have one: the question is asked all the same.
      this.refused = true;
      return null;
    }
  }

  /** Read the lists again if they are shown. */
  refresh() {
    if (this.element.open) void this.load();
  }

  async load() {
    try {
      const [mine, shared] = await Promise.all(['', '&shared=true'].map((more) => this.read(more)));
      const rows = mine.map((one) => this.row(one, true));
      const others = shared.map((one) => this.row(one, false));
      this.list.replaceChildren(
        rows.length ? h('ul', {}, ...rows) : h('p', { class: 'hint', i18n: 'history.none' }),
        ...(others.length ? [h('p', { class: 'scope-label', i18n: 'history.shared' }), h('ul', {}, ...others)] : []),
      );
    } catch {
      this.list.replaceChildren(h('p', { class: 'hint', role: 'alert', i18n: 'history.failed' }));
    }
  }

  async read(more) {
    const response = await request(`/v1/conversations?limit=${MOST}${more}`);
    return (await response.json()).items ?? [];
  }

  row(one, mine) {
    const title = cleanLine(one.title) || t('history.untitled');
    const words = mine ? { text: title } : { i18n: ['history.by', { title, owner: cleanLine(one.owner) }] };
    const opening = h('button', { type: 'button', class: 'history-open', ...words, on: { click: () => this.open(one.id) } });
    const tools = mine
      ? [
          h('button', { type: 'button', class: 'button quiet small', i18n: 'history.rename', on: { click: () => this.renaming(item, one) } }),
          h('button', { type: 'button', class: 'button quiet small', i18n: 'share.open', on: { click: () => openSharing(one) } }),
          iconButton('trash', 'history.delete', () => this.remove(one.id)),
        ]
      : [];
    const exporting = h('button', { type: 'button', class: 'button quiet small', i18n: 'history.export', on: { click: () => this.export(one.id) } });
    const item = h('li', {}, opening, exporting, ...tools);
    return item;
  }

  renaming(item, one) {
    const input = h('input', { maxlength: '120', value: one.title, i18nAttrs: { 'aria-label': 'history.name' } });
    const save = async (event) => {
      event.preventDefault();
      const title = cleanLine(input.value);
      if (title) await this.change(one.id, { method: 'PATCH', json: { title } });
    };
    item.replaceChildren(h('form', { class: 'history-rename', on: { submit: save } }, input, h('button', { type: 'submit', class: 'button small', i18n: 'history.rename' })));
    input.focus();
  }

  async remove(id) {
    await this.change(id, { method: 'DELETE' });
    this.deleted(id);
  }

  async change(id, options) {
    try {
      await request(`/v1/conversations/${encodeURIComponent(id)}`, options);
    } finally {
      await this.load();
    }
  }

  async export(id) {
    const response = await request(`/v1/conversations/${encodeURIComponent(id)}/export?format=md`, { accept: 'text/markdown' });
    const address = URL.createObjectURL(await response.blob());
    const link = h('a', { href: address, download: `${id}.md` });
    link.click();
    URL.revokeObjectURL(address);
  }
}

/** A stored conversation as the reader may see it now. */
export async function readConversation(id) {
  const response = await request(`/v1/conversations/${encodeURIComponent(id)}`);
  return response.json();
}
