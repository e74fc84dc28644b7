// An answer is text. A small, closed set of structure (paragraphs, lists, headings, tables, code, bold) is shown as
// such; links, images, HTML and everything else stay the characters they are.

import { h } from '../core/dom.js';
import { clean } from '../core/text.js';

const MARKER = /\[(\d{1,3})\]/g;
// Around the words that answer by themselves; of a text only those that the page puts there.
const SHORT = ['\ue000', '\ue001'];
const INLINE = /\ue000[^\ue000\ue001\n]+\ue001|(?:\[\d{1,3}\])+[。，、；：！？）》”’.,;:!?)]?|\*\*[^*\n]+\*\*|`[^`\n]+`|~~[^~\n]+~~/g;
const BULLET = /^\s{0,6}[-*•]\s+(.*)$/;
const NUMBERED = /^\s{0,6}(\d{1,3})[.)]\s+(.*)$/;
const HEADING = /^#{1,6}\s+(.*)$/;
const FENCE = /^\s{0,3}```/;
const ROW = /^\s*\|.*\|\s*$/;
const RULE = /^\s*\|(\s*:?-{2,}:?\s*\|)+\s*$/;

/**
 * Build nodes for an answer. `marker(n)` returns the element for citation n, or null when no such citation was given;
 * then the marker stays plain text. `shorts` are [from, to] of the words in `text` that answer by themselves, in order.
 */
export function renderAnswer(text, marker, shorts = []) {
  return blocks(clean(marked(text, shorts))).map((block) => element(block, marker));
}

function marked(text, shorts) {
  const plain = (from, to) => text.slice(from, to).replace(/[\ue000\ue001]/g, '');
  let said = '';
  let at = 0;
  for (const [from, to] of shorts) {
    said += plain(at, from) + SHORT[0] + plain(from, to) + SHORT[1];
    at = to;
  }
  return said + plain(at);
}

/** Cut a text into blocks: {kind, ...}. */
function blocks(text) {
  const found = [];
  const lines = text.split('\n');
  let at = 0;
  while (at < lines.length) {
    const line = lines[at];
    if (line.trim() === '') {
      at += 1;
    } else if (FENCE.test(line)) {
      const body = takeWhile(lines, at + 1, (candidate) => !FENCE.test(candidate));
      // A fence around nothing is shown as what it is: an answer is never blank.
      const empty = body.join('').trim() === '';
      found.push(empty ? { kind: 'paragraph', text: line } : { kind: 'code', text: body.join('\n') });
      at += body.length + 2;
    } else if (HEADING.test(line)) {
      found.push({ kind: 'heading', text: HEADING.exec(line)[1] });
      at += 1;
    } else if (ROW.test(line) && RULE.test(lines[at + 1] ?? '')) {
      const rows = takeWhile(lines, at, (candidate) => ROW.test(candidate));
      found.push({ kind: 'table', rows: rows.filter((_, index) => index !== 1).map(cells) });
      at += rows.length;
    } else {
      const pattern = [BULLET, NUMBERED].find((candidate) => candidate.test(line));
      const taken = takeWhile(lines, at, (candidate) => (pattern ? pattern.test(candidate) : isParagraph(candidate)));
      found.push(pattern ? list(pattern, taken) : { kind: 'paragraph', text: (taken.length ? taken : [line]).join('\n') });
      at += Math.max(taken.length, 1);
    }
  }
  return found;
}

function takeWhile(lines, from, holds) {
  let to = from;
  while (to < lines.length && holds(lines[to])) to += 1;
  return lines.slice(from, to);
}

function isParagraph(line) {
  return line.trim() !== '' && ![BULLET, NUMBERED, HEADING, FENCE, RULE].some((pattern) => pattern.test(line)) && !ROW.test(line);
}

function list(pattern, lines) {
  if (pattern === BULLET) return { kind: 'ul', items: lines.map((line) => ({ text: BULLET.exec(line)[1] })) };
  return { kind: 'ol', items: lines.map((line) => ({ number: NUMBERED.exec(line)[1], text: NUMBERED.exec(line)[2] })) };
}

function cells(line) {
  return line.trim().slice(1, -1).split('|').map((cell) => cell.trim());
}

function element(block, marker) {
  if (block.kind === 'code') return h('pre', { tabindex: '0' }, h('code', { text: block.text }));
  if (block.kind === 'heading') return h('p', { class: 'answer-heading' }, ...inline(block.text, marker));
  if (block.kind === 'paragraph') return h('p', {}, ...inline(block.text, marker));
  if (block.kind === 'table') return table(block.rows, marker);
  return h(block.kind, {}, ...block.items.map((item) => h('li', { value: item.number }, ...inline(item.text, marker))));
}

function table([head, ...body], marker) {
  const row = (tag, values) => h('tr', {}, ...values.map((value) => h(tag, {}, ...inline(value, marker))));
  return h('div', { class: 'answer-table', tabindex: '0' }, h('table', {}, h('thead', {}, row('th', head)), h('tbody', {}, ...body.map((values) => row('td', values)))));
}

/** Text nodes, chips, bold and code spans of one line of text. */
function inline(text, marker) {
  const nodes = [];
  let from = 0;
  for (const match of text.matchAll(INLINE)) {
    nodes.push(text.slice(from, match.index), piece(match[0], marker));
    from = match.index + match[0].length;
  }
  nodes.push(text.slice(from));
  return nodes.filter((node) => node !== '');
}

function piece(token, marker) {
  if (token.startsWith(SHORT[0])) return h('strong', { class: 'short-answer' }, ...inline(token.slice(1, -1), marker));
  if (token.startsWith('**')) return h('strong', {}, ...inline(token.slice(2, -2), marker));
  // What the service could not find in the documents, and says so.
  if (token.startsWith('~~')) return h('s', { class: 'unsupported', text: token.slice(2, -2) });
  if (token.startsWith('`')) return h('code', { text: token.slice(1, -1) });
  return markers(token, marker);
}

/** Chips with the punctuation that follows them: a line must not begin with it. Unknown markers stay text. */
function markers(token, marker) {
  const found = [...token.matchAll(MARKER)].map((match) => marker(Number(match[1])) ?? match[0]);
  if (found.every((each) => typeof each === 'string')) return token;
  return h('span', { class: 'chips' }, ...found, token.slice(token.lastIndexOf(']') + 1));
}
