// The upload panel: choose files, name them, choose space and readers, send, watch.

import { fetchJson } from '../core/api.js';
import { h, icon, iconButton } from '../core/dom.js';
import { bindText, sentence } from '../core/i18n.js';
import { spacesWith } from '../core/session.js';
import { cleanLine, fileSize } from '../core/text.js';
import { chosenFiles, droppedFiles } from './folders.js';
import { PolicyEditor } from './policy.js';
import { PreviewDialog } from './preview.js';
import { Transfer } from './transfer.js';

const PARALLEL = 2;
// Of an archive's members: how many are followed, and how many refusals are listed; the list of documents has them all.
const FOLLOWED = 20;
const SHOWN = 200;
const ARCHIVE = /\.zip$/i;

/** The panel; `onChange()` is called whenever a file has become part of the documents or failed. */
export class UploadPanel {
  constructor(onChange) {
    this.onChange = onChange;
    this.staged = [];
    this.waiting = [];
    this.transfers = new Set();
    this.sending = 0;
    this.build();
  }

  build() {
    this.picker = h('input', { type: 'file', multiple: true, id: 'files', class: 'visually-hidden', on: { change: () => this.picked(this.picker) } });
    const choose = h('label', { for: 'files', class: 'pick', i18n: 'up.pick' });
    this.drop = h('div', { class: 'drop' }, icon('upload'), h('p', { class: 'drop-line' }, h('span', { i18n: 'up.drop' }), ' ', this.picker, choose, ...this.folders()), h('p', { class: 'hint', i18n: 'up.types' }));
    this.preview = new PreviewDialog();
    this.list = h('ul', { class: 'staged', hidden: true });
    this.space = h('select', { id: 'upload-space', on: { change: () => this.forgetFolders() } });
    this.place = h('select', { id: 'upload-folder', on: { focus: () => this.listFolders() } });
    this.policy = new PolicyEditor();
    this.start = h('button', { type: 'submit', class: 'button primary', i18n: ['up.start', { count: 0 }] });
    this.error = h('p', { class: 'form-error', role: 'alert', hidden: true });
    this.options = h('div', { class: 'upload-options', hidden: true }, h('div', { class: 'field' }, h('label', { for: 'upload-space', i18n: 'up.space' }), this.space), h('div', { class: 'field' }, h('label', { for: 'upload-folder', i18n: 'up.folder' }), this.place), this.policy.element, this.error, h('div', { class: 'form-end' }, this.start));
    this.total = h('span', { class: 'hint', role: 'status' });
    this.tidy = h('button', { type: 'button', class: 'button quiet small', hidden: true, i18n: 'job.tidy', on: { click: () => this.putDone() } });
    this.progress = h('section', { class: 'transfers', hidden: true }, h('div', { class: 'transfers-head' }, h('h3', { i18n: 'job.title' }), this.total, this.tidy), h('ul', {}));
    this.form = h('form', { novalidate: true, on: { submit: (event) => this.submit(event) } }, this.drop, this.list, this.options);
    this.element = h('section', { class: 'card upload', hidden: true, 'aria-labelledby': 'upload-title' }, h('h2', { id: 'upload-title', i18n: 'up.title' }), this.form, this.preview.element);
    for (const [event, over] of [['dragenter', true], ['dragover', true], ['dragleave', false], ['drop', false]]) {
      this.drop.addEventListener(event, (drag) => {
        drag.preventDefault();
        this.drop.classList.toggle('over', over);
        if (event === 'drop') void this.take(droppedFiles(drag.dataTransfer));
      });
    }
  }

  /** Fit the panel to the user who is signed in. */
  reset() {
    for (const transfer of this.transfers) this.put(transfer);
    this.waiting = [];
    this.staged = [];
    this.policy.reset();
    this.render();
  }

  /** Offer the spaces that the user may upload into. */
  offer() {
    const spaces = spacesWith('can_upload');
    this.space.replaceChildren(...spaces.map((space) => h('option', { value: space.name, text: cleanLine(space.title || space.name) })));
    this.element.hidden = spaces.length === 0;
    this.forgetFolders();
  }

  forgetFolders() {
    this.listed = null;
    this.place.replaceChildren(h('option', { value: '', i18n: 'up.folder.none' }));
  }

  /** List the folders of the chosen space, once somebody looks for one; each with those it lies in. */
  async listFolders() {
    const space = this.space.value;
    if (this.listed === space) return;
    this.listed = space;
    try {
      const { items } = await fetchJson(`/v1/folders?space=${encodeURIComponent(space)}`);
      if (this.listed !== space) return;
      const known = new Map(items.map((item) => [item.id, item]));
      const path = (item, depth = 0) => (item && depth < 40 ? [...path(known.get(item.parent_id), depth + 1), cleanLine(item.name)] : []);
      const named = items.map((item) => [item.id, path(item).join(' / ')]).sort((a, b) => a[1].localeCompare(b[1]));
      this.place.append(...named.map(([value, text]) => h('option', { value, text })));
    } catch (error) {
      this.listed = null;
      this.refuse(error);
    }
  }

  /** The way to choose a whole folder, where the browser has one. */
  folders() {
    this.folder = h('input', { type: 'file', webkitdirectory: true, id: 'folder', class: 'visually-hidden', on: { change: () => this.picked(this.folder) } });
    if (!('webkitdirectory' in this.folder)) return [];
    return [' ', h('span', { i18n: 'up.or' }), ' ', this.folder, h('label', { for: 'folder', class: 'pick', i18n: 'up.pickfolder' })];
  }

  picked(picker) {
    void this.take(new Promise((resolve) => resolve(chosenFiles(picker.files)))).then(() => { picker.value = ''; });
  }

  /** Stage the files that a promise brings, or say why not. */
  async take(files) {
    try {
      this.stage(await files);
    } catch (error) {
      this.refuse(error);
    }
  }

  refuse(error) {
    bindText(this.error, ...[sentence(error)].flat());
    this.options.hidden = false;
    this.error.hidden = false;
  }

  stage(files) {
    for (const { file, path } of files) {
      const name = cleanLine(path);
      const title = h('input', { type: 'text', maxlength: '300', value: name.replace(/\.[^.]+$/, ''), i18nAttrs: { 'aria-label': ['up.filetitle', { name }] } });
      this.staged.push({ file, name, title });
    }
    this.render();
  }

  render() {
    this.list.replaceChildren(...this.staged.map((item) => this.row(item)));
    const empty = this.staged.length === 0;
    this.list.hidden = empty;
    this.options.hidden = empty;
    this.error.hidden = true;
    this.start.disabled = empty;
    bindText(this.start, 'up.start', { count: this.staged.length });
  }

  row(item) {
    const look = h('button', { type: 'button', class: 'button quiet small', i18n: 'up.preview', i18nAttrs: { 'aria-label': ['up.previewof', { name: item.name }] }, on: { click: () => this.preview.show(item.file, item.title.value || item.name) } });
    const remove = iconButton('close', ['up.remove', { name: item.name }], () => {
      this.staged = this.staged.filter((each) => each !== item);
      this.render();
    });
    return h('li', { class: 'staged-file' }, icon('file'), item.title, h('span', { class: 'hint' }, `${item.name} · ${fileSize(item.file.size)}`), ARCHIVE.test(item.name) ? h('span', {}) : look, remove);
  }

  submit(event) {
    event.preventDefault();
    let policy;
    try {
      policy = this.policy.value();
    } catch (error) {
      this.refuse(error);
      return;
    }
    for (const { file, name, title } of this.staged) {
      const archive = ARCHIVE.test(file.name);
      const form = new FormData();
      form.append('space', this.space.value);
      if (this.place.value) form.append('folder', this.place.value);
      if (title.value.trim() && !archive) form.append('title', cleanLine(title.value));
      if (policy) form.append('policy', JSON.stringify(policy));
      // A file of a chosen folder would otherwise go under its path.
      form.append('file', file, file.name);
      this.enqueue(name, archive ? '/v1/documents/archive' : '/v1/documents', form);
    }
    this.staged = [];
    this.render();
  }

  /** Send a new version of a document. */
  replace(id, file) {
    const form = new FormData();
    form.append('file', file, file.name);
    this.enqueue(file.name, `/v1/documents/${encodeURIComponent(id)}/versions`, form);
  }

  /** Show a job that is still running from an earlier visit, unless it is shown already. */
  resume(job, name) {
    if ([...this.transfers].some((transfer) => transfer.job === job.id)) return;
    const transfer = this.transfer(name);
    transfer.job = job.id;
    void transfer.resume(job);
  }

  enqueue(name, path, form) {
    this.waiting.push({ transfer: this.transfer(name), path, form });
    this.pump();
  }

  /** Show the members of an archive that was taken: each follows its own job, or says why it was refused. */
  members(archive, items) {
    const taken = items.filter((item) => !item.error).slice(0, FOLLOWED);
    for (const item of [...taken, ...items.filter((each) => each.error).slice(0, SHOWN)]) {
      const transfer = this.transfer(`${archive} / ${cleanLine(item.name)}`);
      if (item.error) transfer.failed({ code: cleanLine(item.error.code), detail: cleanLine(item.error.message) });
      else void transfer.resume({ id: item.submitted.job_id });
    }
  }

  transfer(name) {
    const transfer = new Transfer(name, { onEnd: () => this.onChange(), onState: () => this.count(), onDismiss: (each) => this.put(each), onMembers: (items) => this.members(name, items) });
    this.transfers.add(transfer);
    this.progress.lastElementChild.prepend(transfer.element);
    this.count();
    return transfer;
  }

  /** Say how many of several files are done. */
  count() {
    const states = [...this.transfers].map((transfer) => transfer.element.dataset.state);
    const many = (...names) => states.filter((state) => names.includes(state)).length;
    const [done, failed] = [many('done'), many('failed', 'lost')];
    this.progress.hidden = states.length === 0;
    this.total.hidden = states.length < 2;
    bindText(this.total, failed ? 'job.totalfailed' : 'job.total', { done, failed, count: states.length });
    this.tidy.hidden = done < 2;
  }

  putDone() {
    for (const transfer of this.transfers) if (transfer.element.dataset.state === 'done') this.put(transfer);
  }

  /** Put a transfer away. */
  put(transfer) {
    transfer.abort();
    transfer.element.remove();
    this.transfers.delete(transfer);
    this.count();
  }

  /** Start waiting files; a file gives its place to the next one when the server has taken it. */
  pump() {
    while (this.sending < PARALLEL && this.waiting.length) {
      const { transfer, path, form } = this.waiting.shift();
      this.sending += 1;
      void transfer.send(path, form, () => {
        this.sending -= 1;
        this.pump();
      });
    }
  }
}
