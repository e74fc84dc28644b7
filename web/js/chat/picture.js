// The picture that a question brings: chosen, pasted or dropped, read by the server, its text shown to be corrected.

import { isAbort, upload } from '../core/api.js';
import { announce, h, icon, iconButton } from '../core/dom.js';
import { bindText, sentence, t } from '../core/i18n.js';
import { clean } from '../core/text.js';

const TYPES = 'image/png,image/jpeg,image/webp,image/bmp,image/gif,image/tiff';

/** A box above the question, hidden while there is no picture; `changed()` is called when it comes, is read or goes. */
export class AskedPicture {
  constructor(changed) {
    this.changed = changed;
    this.input = h('input', { type: 'file', accept: TYPES, hidden: true, on: { change: () => this.take(this.input.files[0]) } });
    this.button = iconButton('picture', 'picture.add', () => this.input.click(), { 'data-action': 'picture' });
    this.preview = h('span', { class: 'asked-thumb' });
    this.label = h('label', { for: 'picture-text', class: 'hint', role: 'status' });
    this.text = h('textarea', { id: 'picture-text', rows: '3', maxlength: '2000', hidden: true });
    this.element = h('div', { class: 'asked-picture', hidden: true }, this.preview, h('div', { class: 'asked-words' }, this.label, this.text), iconButton('close', 'picture.remove', () => this.clear(true), { 'data-action': 'remove-picture' }));
    this.control = this.file = this.url = null;
  }

  /** Take pictures that are pasted into, or dropped on, `area`. */
  watch(area) {
    area.addEventListener('paste', (event) => this.offered(event, event.clipboardData));
    area.addEventListener('drop', (event) => this.offered(event, event.dataTransfer));
  }

  offered(event, data) {
    const file = [...(data?.files ?? [])].find((each) => each.type.startsWith('image/'));
    if (!file) return;
    event.preventDefault();
    void this.take(file);
  }

  /** Whether a picture is there, and whether it is being read. */
  get present() {
    return this.file !== null;
  }

  get busy() {
    return this.control !== null;
  }

  /** Forget the picture; `focus`: the person took it away. */
  clear(focus = false) {
    this.control?.abort();
    this.control = null;
    this.file = null;
    if (this.url) URL.revokeObjectURL(this.url);
    this.url = null;
    this.input.value = '';
    this.text.value = '';
    this.text.hidden = true;
    this.element.hidden = true;
    this.preview.replaceChildren();
    if (focus) this.button.focus();
    this.changed();
  }

  async take(file) {
    if (!file) return;
    this.clear();
    const control = new AbortController();
    this.control = control;
    this.file = file;
    this.url = URL.createObjectURL(file);
    const image = h('img', { src: this.url, i18nAttrs: { alt: 'picture.alt' } });
    image.addEventListener('error', () => this.preview.replaceChildren(icon('picture')));
    this.preview.replaceChildren(image);
    this.element.hidden = false;
    this.tell('picture.reading');
    this.changed();
    const form = new FormData();
    form.append('file', file, 'picture');
    try {
      const { text, cut } = await upload('/v1/pictures', form, { signal: control.signal });
      if (this.control !== control) return;
      this.text.value = clean(text);
      this.text.hidden = false;
      this.tell(text ? (cut ? 'picture.cut' : 'picture.read') : 'picture.none');
    } catch (error) {
      if (isAbort(error) || this.control !== control) return;
      const [key, params] = sentence(error);
      this.file = null;
      this.tell('picture.failed', { detail: () => t(key, params) });
    }
    this.control = null;
    this.changed();
  }

  tell(key, params = {}) {
    bindText(this.label, key, params);
    announce(t(key, params));
  }

  /** What goes with a question: its text, and for a model that sees (`sees`) the picture itself; then it is forgotten. */
  async give(sees) {
    const { file } = this;
    const words = clean(this.text.value).trim();
    const data = file && sees ? await asData(file) : null;
    this.clear();
    return { words, data };
  }
}

function asData(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener('load', () => resolve(reader.result));
    reader.addEventListener('error', () => reject(reader.error));
    reader.readAsDataURL(file);
  });
}
