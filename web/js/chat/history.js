// Stored conversations beside the chat: those of the person, and those that others share with them.

import { request } from '../core/api.js';
import { h, iconButton } from '../core/dom.js';
import { bindText, t } from '../core/i18n.js';
import { cleanLine } from '../core/text.js';
import { openSharing } from './sharing.js';

const KEEP = 'wenyuan.history';
const MOST = 50;

/** The list; `open(id)` shows a conversation, `deleted(id)` tells that one is gone, or all of them (null). */
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
        ...(rows.length ? [this.whole()] : []),
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

  /** What one may do with all of one's conversations: take them along, or delete them after a second thought. */
  whole() {
    let sure = false;
    const clear = h('button', { type: 'button', class: 'button quiet small', 'data-action': 'clear-history', i18n: 'history.clear', on: { click: () => press() } });
    const press = () => {
      if (sure) return void this.removeAll();
      sure = true;
      bindText(clear, 'history.clear.sure');
    };
    clear.addEventListener('blur', () => {
      sure = false;
      bindText(clear, 'history.clear');
    });
    const take = h('button', { type: 'button', class: 'button quiet small', i18n: 'history.exportall', on: { click: () => download('/v1/conversations/export', 'application/x-ndjson', 'conversations.jsonl') } });
    return h('div', { class: 'history-whole' }, take, clear);
  }

  async removeAll() {
    try {
      await request('/v1/conversations', { method: 'DELETE' });
      this.deleted(null);
      this.element.open = true;
    } finally {
      await this.load();
    }
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
    await download(`/v1/conversations/${encodeURIComponent(id)}/export?format=md`, 'text/markdown', `${id}.md`);
  }
}

/** Save what `path` answers as a file. */
async function download(path, accept, name) {
  const response = await request(path, { accept });
  const address = URL.createObjectURL(await response.blob());
  h('a', { href: address, download: name }).click();
  URL.revokeObjectURL(address);
}

/** A stored conversation as the reader may see it now. */
export async function readConversation(id) {
  const response = await request(`/v1/conversations/${encodeURIComponent(id)}`);
  return response.json();
}
