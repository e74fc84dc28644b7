// Where documents come from by themselves: the sources of the spaces that the user manages, how they stand, sync now.

import { ApiError, fetchJson, isAbort, request } from '../core/api.js';
import { h, icon, iconButton } from '../core/dom.js';
import { bindText, dateTime, has, sentence } from '../core/i18n.js';
import { currentUser } from '../core/session.js';
import { cleanLine } from '../core/text.js';
import { follow } from './jobs.js';

const COLUMNS = ['name', 'kind', 'space', 'count', 'state', 'synced', 'actions'];
const MAX_ERRORS = 50;

/** A section that asks the server once it is opened; `onSynced()` is called when a sync asked for here has ended. */
export class Sources {
  constructor(onSynced) {
    this.onSynced = onSynced;
    this.items = [];
    this.busy = new Set();
    this.rows = h('tbody', {});
    const heads = COLUMNS.map((name) => h('th', { scope: 'col' }, h('span', { class: name === 'actions' ? 'visually-hidden' : '', i18n: `src.${name}` })));
    this.table = h('table', { class: 'document-table source-table', hidden: true }, h('thead', {}, h('tr', {}, ...heads)), this.rows);
    this.note = h('p', { class: 'empty', role: 'status' });
    this.problem = h('p', { class: 'problem', role: 'alert', hidden: true });
    const summary = h('summary', {}, h('strong', { i18n: 'src.title' }), ' ', h('span', { class: 'hint', i18n: 'src.intro' }));
    this.element = h('details', { class: 'card list places', hidden: true, on: { toggle: () => this.element.open && this.load() } }, summary, this.problem, this.table, this.note);
    document.addEventListener('wenyuan:language', () => this.render());
  }

  /** Fit the section to the user who is signed in; nothing of another user stays. */
  reset() {
    this.control?.abort();
    this.control = new AbortController();
    this.items = [];
    this.busy.clear();
    this.element.open = false;
    const user = currentUser();
    const manages = user?.roles?.includes('administrator') || user?.spaces?.some((space) => space.can_manage);
    this.element.hidden = !manages;
    this.problem.hidden = true;
    this.render();
  }

  async load() {
    const { signal } = this.control;
    try {
      this.items = (await fetchJson('/v1/sources', { signal })).items;
      this.problem.hidden = true;
      this.render();
    } catch (error) {
      this.fail(error);
    }
  }

  fail(error) {
    if (isAbort(error)) return;
    this.problem.replaceChildren(icon('warn'), h('span', { i18n: sentence(error) }));
    this.problem.hidden = false;
  }

  render() {
    this.rows.replaceChildren(...this.items.map((item) => this.row(item)));
    this.table.hidden = this.items.length === 0;
    this.note.hidden = this.items.length > 0;
    bindText(this.note, 'src.empty');
  }

  row(item) {
    const kind = `src.kind.${cleanLine(item.kind)}`;
    const error = item.error ? h('span', { class: 'row-error' }, cleanLine(item.error.message), ' ', h('code', { class: 'code', text: cleanLine(item.error.code) })) : null;
    const failures = item.errors ? h('details', { class: 'warnings', on: { toggle: (event) => this.explain(item, event.target) } }, h('summary', { i18n: ['src.errors', { count: item.errors }] }), h('ul', {})) : null;
    const tone = item.error || item.errors ? 'bad' : 'good';
    const state = this.busy.has(item.id) ? ['busy', 'src.syncing'] : [tone, `src.state.${tone}`];
    const sync = iconButton('replace', 'src.sync', () => this.sync(item), { disabled: this.busy.has(item.id) });
    return h(
      'tr',
      { 'data-source': item.id },
      h('td', { class: 'col-name' }, h('span', { class: 'document-title', text: cleanLine(item.name) }), error),
      h('td', { i18n: has(kind) ? kind : ['raw', { value: item.kind }] }),
      h('td', { text: cleanLine(item.space) }),
      h('td', { text: `${item.documents} / ${item.items}` }),
      h('td', {}, h('span', { class: `state ${state[0]}`, i18n: state[1] }), failures),
      h('td', { text: item.synced_at ? dateTime(item.synced_at) : '—' }),
      h('td', { class: 'col-actions' }, item.kind === 'push' ? null : sync),
    );
  }

  /** Fill in which items failed, once somebody wants to know. */
  async explain(item, details) {
    if (!details.open) return;
    try {
      const query = new URLSearchParams({ errors: 'true', limit: String(MAX_ERRORS) });
      const { items } = await fetchJson(`/v1/sources/${encodeURIComponent(item.id)}/items?${query}`, { signal: this.control.signal });
      const lines = items.map((each) => h('li', {}, cleanLine(each.key ?? each.document_id ?? ''), ' ', h('span', { class: 'row-error', text: cleanLine(each.error?.message ?? '') })));
      details.querySelector('ul').replaceChildren(...lines);
    } catch (error) {
      this.fail(error);
    }
  }

  async sync(item) {
    const { signal } = this.control;
    this.busy.add(item.id);
    this.render();
    try {
      const answer = await request(`/v1/sources/${encodeURIComponent(item.id)}/sync`, { method: 'POST', signal });
      const { job_id: job } = await answer.json();
      for await (const _ of follow(job, signal)); // its end is what counts
    } catch (error) {
      // A sync that somebody else began is theirs to follow.
      if (!(error instanceof ApiError && error.status === 404)) this.fail(error);
    }
    if (signal.aborted) return;
    this.busy.delete(item.id);
    await this.load();
    this.onSynced();
  }
}
