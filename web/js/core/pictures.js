// Pictures of the API: fetched with who one is, kept as long as their holder, small ones only when they come into view.

import { fetchBlob, isAbort } from './api.js';
import { h } from './dom.js';

// Each picture costs the server a process for a moment.
const PARALLEL = 3;
const THUMB = 400;

/**
 * Put the picture at `path` into `frame`, or why it cannot be shown; `alt` is null where its control has a name.
 * `holder` has a `control` that ends it and `urls`, which it revokes; `wanted()` says whether it is still waited for.
 */
export async function drawPicture(holder, frame, path, alt, wanted = () => true) {
  const { signal } = holder.control;
  try {
    const url = URL.createObjectURL(await fetchBlob(path, { signal }));
    holder.urls.push(url);
    const image = h('img', { src: url, alt: '', ...(alt && { i18nAttrs: { alt } }) });
    await image.decode();
    if (wanted()) frame.replaceChildren(image);
  } catch (error) {
    if (isAbort(error) || signal.aborted || !wanted()) return;
    frame.replaceChildren(h('span', { class: 'hint', i18n: 'figures.failed' }));
  }
}

/** What holds pictures that are shown until `clear`. */
export class Holder {
  constructor() {
    this.urls = [];
    this.control = new AbortController();
  }

  clear() {
    this.control.abort();
    for (const url of this.urls.splice(0)) URL.revokeObjectURL(url);
    this.control = new AbortController();
  }
}

/** Small pictures that are fetched when they come into view, a few at a time. */
export class Thumbs {
  constructor(holder) {
    this.holder = holder;
    this.waiting = [];
    this.running = 0;
    this.known = new Map();
    this.watch = new IntersectionObserver((entries) => this.seen(entries), { rootMargin: '200px' });
    holder.control.signal.addEventListener('abort', () => this.watch.disconnect());
  }

  /** Fill `frame` with the picture at `path`. */
  add(frame, path) {
    frame.replaceChildren();
    frame.classList.add('waiting');
    this.known.set(frame, path);
    this.watch.observe(frame);
  }

  seen(entries) {
    for (const entry of entries.filter((each) => each.isIntersecting)) {
      this.watch.unobserve(entry.target);
      this.waiting.push(entry.target);
    }
    this.pump();
  }

  pump() {
    while (this.running < PARALLEL && this.waiting.length) {
      const frame = this.waiting.shift();
      this.running += 1;
      void drawPicture(this.holder, frame, `${this.known.get(frame)}&long_side=${THUMB}`, null).finally(() => {
        frame.classList.remove('waiting');
        this.running -= 1;
        this.pump();
      });
    }
  }
}
