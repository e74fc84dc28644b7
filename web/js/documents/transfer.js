// One file on its way: sending, then the stages of its job.

import { isAbort, upload } from '../core/api.js';
import { announce, h, icon, iconButton } from '../core/dom.js';
import { bindText, has, sentence, t } from '../core/i18n.js';
import { cleanLine } from '../core/text.js';
import { follow } from './jobs.js';

const STAGES = ['received', 'parse', 'chunk', 'embed', 'index', 'publish'];

/**
 * A row of the progress list. `onEnd()` is called when the job is over, `onState()` when it ends or begins again,
 * `onDismiss(transfer)` when it is put away, and `onMembers(items)` when the file was an archive.
 */
export class Transfer {
  constructor(name, { onEnd, onState, onDismiss, onMembers }) {
    this.name = cleanLine(name);
    this.onEnd = onEnd;
    this.onState = onState;
    this.onMembers = onMembers;
    this.control = new AbortController();
    this.bar = h('progress', { max: '1', value: '0', i18nAttrs: { 'aria-label': ['job.bar', { name: this.name }] } });
    this.status = h('span', { class: 'transfer-status', i18n: 'job.waiting' });
    this.problem = h('p', { class: 'problem', role: 'alert', hidden: true });
    this.dismiss = iconButton('close', 'dismiss', () => onDismiss(this), { hidden: true });
    this.element = h('li', { class: 'transfer', 'data-state': 'waiting' }, h('div', { class: 'transfer-line' }, icon('file'), h('span', { class: 'transfer-name', text: this.name }), this.status, this.dismiss), this.bar, this.problem);
  }

  /**
   * Send `form` to `path`, call `onSent()` once the server has taken or refused it, then follow the job it names.
   * Never throws: what goes wrong is shown.
   */
  async send(path, form, onSent) {
    this.element.dataset.state = 'running';
    try {
      const sent = upload(path, form, { signal: this.control.signal, onProgress: (part) => this.sending(part) });
      const accepted = await sent.finally(onSent);
      if (accepted.items) this.unpacked(accepted);
      else await this.watch(accepted.job_id, accepted.duplicate);
    } catch (error) {
      this.failed(error);
    }
  }

  /** Follow a job that was started before, by id. */
  async resume(job) {
    this.element.dataset.state = 'running';
    try {
      await this.watch(job.id, false);
    } catch (error) {
      this.failed(error);
    }
  }

  /** Stop following; the server goes on. */
  abort() {
    this.control.abort();
  }

  sending(part) {
    bindText(this.status, 'job.uploading', { percent: Math.floor(part * 100) });
    this.bar.value = part / (STAGES.length + 1);
  }

  async watch(id, duplicate) {
    this.job = id;
    for await (const job of follow(id, this.control.signal)) {
      if (job.state === 'done') this.done(duplicate);
      else if (job.state === 'dead') this.failed({ code: cleanLine(job.error?.code), detail: cleanLine(job.error?.message) });
      else this.progress(job);
    }
  }

  progress(job) {
    const at = STAGES.indexOf(job.stage);
    const { done = 0, total = 0, unit = '' } = job.progress ?? {};
    const part = total > 0 ? Math.min(done / total, 1) : 0;
    this.bar.value = (1 + Math.max(at, 0) + part) / (STAGES.length + 1);
    const key = job.state === 'queued' ? 'job.queued' : `job.${STAGES[Math.max(at, 0)]}`;
    const counted = job.state !== 'queued' && total > 0 && has(`job.count.${unit}`);
    const status = () => (counted ? t(`job.count.${unit}`, { stage: () => t(key), done, total }) : t(key));
    if (job.attempt > 1) bindText(this.status, 'job.attempt', { status, attempt: job.attempt });
    else bindText(this.status, 'raw', { value: status });
  }

  /** The archive itself is done; its members go on in rows of their own. */
  unpacked({ accepted, items }) {
    this.bar.value = 1;
    this.end('done', ['job.unpacked', { accepted, count: items.length }]);
    this.onMembers(items);
  }

  done(duplicate) {
    this.bar.value = 1;
    this.end('done', duplicate ? 'job.duplicate' : 'job.done');
    this.onEnd();
  }

  failed(error) {
    if (isAbort(error)) return;
    const lost = this.job && error.sentence === 'error.network';
    this.end(lost ? 'lost' : 'failed', 'job.failed');
    const text = h('span', { i18n: lost ? 'job.lost' : sentence(error) });
    const code = error.code ? h('code', { class: 'code', text: error.code }) : null;
    const again = h('button', { type: 'button', class: 'button small', i18n: 'job.follow', on: { click: () => this.again() } });
    this.problem.replaceChildren(...[icon('warn'), text, code, lost ? again : null].filter(Boolean));
    this.problem.hidden = false;
    if (!lost) this.onEnd();
  }

  again() {
    this.problem.hidden = true;
    this.dismiss.hidden = true;
    void this.resume({ id: this.job });
    this.onState();
  }

  end(state, key) {
    this.element.dataset.state = state;
    const [name, values] = [key].flat();
    bindText(this.status, name, values);
    this.dismiss.hidden = false;
    this.onState();
    announce(`${this.name} ${t(name, values)}`);
  }
}
