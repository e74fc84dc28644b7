// The conversation: a list of turns, the box to ask in, and the stream of the answer under way.

import { isAbort } from '../core/api.js';
import { h, icon } from '../core/dom.js';
import { bindAttribute, bindText, sentence, t } from '../core/i18n.js';
import { currentUser } from '../core/session.js';
import { clean, cleanLine } from '../core/text.js';
import { History, readConversation } from './history.js';
import { ModelChoice } from './models.js';
import { AskedPicture } from './picture.js';
import { ask } from './stream.js';
import { Turn } from './turn.js';

// Earlier turns sent along with a question, so that "and in Shanghai?" can be understood.
const HISTORY_TURNS = 6;
const NEAR_END = 80;
const TOUCH = matchMedia('(pointer: coarse)');

/** The chat view; `openCitation(id, siblings)` shows a source. */
export class Chat {
  constructor(root, openCitation) {
    this.root = root;
    this.openCitation = openCitation;
    this.turns = [];
    this.running = null;
    this.talk = null;
    this.build();
  }

  build() {
    this.welcome = h('div', { class: 'welcome' });
    this.history = new History({ open: (id) => this.load(id), deleted: (id) => (id === null || id === this.talk) && this.reset() });
    this.model = new ModelChoice();
    this.note = h('p', { class: 'history-note', hidden: true, i18n: 'history.readonly' });
    this.list = h('ol', { class: 'turns', i18nAttrs: { 'aria-label': 'chat.log' } });
    this.input = h('textarea', { id: 'question', rows: '1', i18nAttrs: { placeholder: 'chat.placeholder' }, on: { input: () => this.refresh(), keydown: (event) => this.key(event) } });
    this.submit = h('button', { type: 'submit', class: 'send' });
    this.fresh = h('button', { type: 'button', class: 'button quiet small', hidden: true, on: { click: () => this.reset() } }, icon('plus'), h('span', { i18n: 'chat.new' }));
    this.picture = new AskedPicture(() => this.refresh());
    const label = h('label', { class: 'visually-hidden', for: 'question', i18n: 'chat.input' });
    const box = h('div', { class: 'composer-box' }, this.picture.element, this.picture.button, this.picture.input, label, this.input, this.submit);
    this.picture.watch(this.root);
    const foot = h('div', { class: 'composer-foot' }, h('span', { class: 'ai-notice', i18n: 'chat.ailabel' }), h('span', { class: 'keys', i18n: 'chat.keys' }), this.model.element, this.fresh);
    this.form = h('form', { class: 'composer column', novalidate: true, on: { submit: (event) => this.submitted(event) } }, box, foot);
    this.scroller = h('div', { class: 'chat-scroll', tabindex: '-1' }, h('div', { class: 'column conversation' }, this.history.element, this.welcome, this.note, this.list), h('div', { class: 'composer-bar' }, this.form));
    this.root.replaceChildren(h('h1', { class: 'visually-hidden', i18n: 'chat.title' }), this.scroller);
    this.lastTop = 0;
    this.scroller.addEventListener('scroll', () => this.scrolled());
    new ResizeObserver(() => this.follow()).observe(this.list);
    this.list.addEventListener('copy', (event) => this.labelCopy(event));
    this.following = true;
    this.refresh();
  }

  /** Forget the conversation: a new one, or another person at the keyboard. */
  reset() {
    this.running?.abort();
    this.picture.clear();
    for (const turn of this.turns) turn.figures.clear();
    this.turns = [];
    this.talk = null;
    this.note.hidden = true;
    this.history.reset();
    void this.model.load();
    this.list.replaceChildren();
    this.input.value = '';
    this.greet();
    this.refresh();
    this.input.focus();
  }

  /** Show a stored conversation, as far as the person may see it now, and go on with it if it is theirs. */
  async load(id) {
    this.reset();
    const control = new AbortController();
    this.running = control;
    try {
      const stored = await readConversation(id);
      if (this.running !== control) return;
      this.talk = stored.mine ? stored.id : null;
      this.note.hidden = stored.mine;
      this.welcome.hidden = true;
      for (const body of stored.turns) {
        const turn = this.turn(body.question, stored.mine);
        this.turns.push(turn);
        this.list.append(turn.element);
        turn.restore(body);
      }
    } catch (error) {
      this.note.hidden = false;
      bindText(this.note, ...sentence(error));
    } finally {
      if (this.running === control) this.running = null;
      this.refresh();
    }
  }

  greet() {
    const user = currentUser();
    const spaces = (user?.spaces ?? []).map((space) => h('li', { text: cleanLine(space.title || space.name) }));
    this.welcome.hidden = false;
    this.welcome.replaceChildren(
      h('h2', { i18n: ['chat.hello', { name: user?.name ?? '' }] }),
      h('p', { i18n: 'chat.intro' }),
      ...(spaces.length ? [h('p', { class: 'scope-label', i18n: 'chat.scope' }), h('ul', { class: 'scope' }, ...spaces)] : [h('p', { class: 'hint', i18n: user?.roles.includes('administrator') ? 'chat.begin' : 'chat.nospaces' })]),
    );
  }

  key(event) {
    // Enter that ends the choice of an input method must not send.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    if (!this.running) void this.send(this.input.value);
  }

  submitted(event) {
    event.preventDefault();
    if (this.running) this.running.abort();
    else void this.send(this.input.value);
  }

  refresh() {
    this.input.style.height = 'auto';
    // Measured only with text in it: while the view is hidden there is nothing to measure.
    if (this.input.value) this.input.style.height = `${this.input.scrollHeight}px`;
    const busy = this.running !== null;
    this.submit.replaceChildren(icon(busy ? 'stop' : 'send'));
    this.submit.classList.toggle('stop', busy);
    bindAttribute(this.submit, 'aria-label', busy ? 'chat.stop' : 'chat.send');
    bindAttribute(this.submit, 'title', busy ? 'chat.stop' : 'chat.send');
    this.submit.disabled = !busy && ((this.input.value.trim() === '' && !this.picture.present) || this.picture.busy);
    this.fresh.hidden = this.turns.length === 0;
  }

  /** Ask what was typed, with the picture if there is one. */
  async send(text) {
    const typed = clean(text).trim();
    if ((!typed && !this.picture.present) || this.picture.busy) return;
    this.input.value = '';
    const { words, data } = await this.picture.give(this.model.sees);
    const question = words ? `${typed}\n\n${t('picture.label')}\n${words}`.trim() : typed;
    if (question || data) this.ask(question, data);
  }

  /** Ask `question`; `picture` is one as a data address, `replaced` the turn in whose place it is asked. */
  ask(question, picture = null, replaced = null) {
    // On a touch screen the keyboard would cover the answer.
    if (TOUCH.matches) this.input.blur();
    if (replaced) for (const old of this.turns.splice(this.turns.indexOf(replaced))) old.remove();
    const turn = this.turn(question, true);
    const messages = this.messages(question, picture);
    this.turns.push(turn);
    this.welcome.hidden = true;
    this.list.append(turn.element);
    this.following = true;
    this.follow();
    void this.run(turn, messages, replaced?.id);
  }

  turn(question, mine) {
    const edit = (old, text) => this.running || this.ask(text, null, old);
    return new Turn(question, { openCitation: this.openCitation, retry: (old) => this.again(old), edit: mine ? edit : null });
  }

  /** Ask a question again: in its place with all behind it, or of an answer that failed long ago as a new one. */
  again(old) {
    if (this.running) return;
    const last = this.turns.at(-1) === old;
    if (last || old.state === 'done') {
      this.ask(old.question, null, old);
    } else {
      this.turns = this.turns.filter((turn) => turn !== old);
      old.remove();
      this.ask(old.question);
    }
    this.input.focus();
  }

  async run(turn, messages, replaces) {
    const control = new AbortController();
    this.running = control;
    this.refresh();
    try {
      this.talk = await this.history.place(this.talk);
      if (control.signal.aborted) throw new DOMException('aborted', 'AbortError');
      for await (const event of this.events(messages, replaces, control.signal)) {
        if (event.turn) turn.id = event.turn;
        if (event.interpretation) turn.understood(event.interpretation);
        if (event.citations) turn.cite(event.citations);
        if (event.text) turn.append(event.text);
        if (event.statements) turn.emphasise(event.statements);
        if (event.done) turn.finish(event.done);
      }
    } catch (error) {
      if (isAbort(error)) turn.stop();
      else turn.fail(error);
    } finally {
      if (this.running === control) this.running = null;
      this.refresh();
      this.history.refresh();
    }
  }

  /** An answer that was stopped a moment ago may not be stored yet: there is nothing to replace then. */
  async *events(messages, replaces, signal) {
    try {
      yield* ask(messages, this.place(replaces), signal);
    } catch (error) {
      if (!replaces || error.status !== 404) throw error;
      yield* ask(messages, this.place(null), signal);
    }
  }

  /** Where a question goes and who answers it, as far as the person chose. */
  place(replaces) {
    const stored = this.talk ? { conversation_id: this.talk, ...(replaces ? { replaces } : {}) } : {};
    return { ...stored, ...(this.model.value ? { model: this.model.value } : {}) };
  }

  messages(question, picture) {
    const finished = this.turns.filter((turn) => turn.state === 'done').slice(-HISTORY_TURNS);
    const past = finished.flatMap((turn) => [
      { role: 'user', content: turn.question },
      { role: 'assistant', content: turn.text },
    ]);
    const words = { type: 'text', text: question };
    const content = picture ? [words, { type: 'image_url', image_url: { url: picture } }] : question;
    return [...past, { role: 'user', content }];
  }

  scrolled() {
    // Only a reader scrolls up: text that grew between a scroll and its event must not look like leaving the end.
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    if (scrollHeight - scrollTop - clientHeight < NEAR_END) this.following = true;
    else if (scrollTop < this.lastTop) this.following = false;
    this.lastTop = scrollTop;
  }

  follow() {
    if (this.following) this.scroller.scrollTop = this.scroller.scrollHeight;
  }

  /** What is copied out of an answer carries the AI label. */
  labelCopy(event) {
    const selection = document.getSelection();
    const touched = this.turns.some((turn) => turn.text && selection.containsNode(turn.body, true));
    if (!touched || selection.isCollapsed) return;
    event.clipboardData.setData('text/plain', `${selection.toString()}\n\n${t('answer.copylabel')}`);
    event.preventDefault();
  }
}
