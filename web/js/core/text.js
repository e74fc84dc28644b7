// Text from documents, models and names is data: it is cleaned of characters that have no visible form before it is shown.

// C0/C1 controls except tab and line feed, soft hyphen, zero-width and bidirectional controls, invisible operators,
// interlinear annotations, and the Unicode tag block. Ideographic variation sequences (U+E0100–E01EF) stay.
const INVISIBLE =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u200b\u200c\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\u{e0000}-\u{e007f}]/gu;
// A joiner or variation selector means something only next to a pictograph or keycap.
const STRAY_JOINER = /(?<![\p{Extended_Pictographic}\p{Emoji_Modifier}\ufe0f])\u200d|\u200d(?!\p{Extended_Pictographic})/gu;
const STRAY_SELECTOR = /(?<![\p{Extended_Pictographic}#*0-9])[\ufe00-\ufe0f]/gu;

/** Return `value` as text without invisible characters; line breaks become `\n`. */
export function clean(value) {
  if (value === null || value === undefined) return '';
  return String(value)
    .toWellFormed()
    .replace(/\r\n?|\u2028|\u2029/g, '\n')
    .replace(INVISIBLE, '')
    .replace(STRAY_JOINER, '')
    .replace(STRAY_SELECTOR, '');
}

/** Like `clean`, on one line and without outer spaces: for titles, names and labels. */
export function cleanLine(value) {
  return clean(value).replace(/\s+/gu, ' ').trim();
}

/**
 * Split `passage` into [before, quoted, after], or return null when the quote is not in it.
 * `start` and `end` count Unicode code points; where they do not fit the quote, its first occurrence is used.
 */
export function splitQuote(passage, quote, start, end) {
  const points = Array.from(passage);
  if (Number.isInteger(start) && Number.isInteger(end) && start >= 0 && start < end && end <= points.length) {
    const quoted = points.slice(start, end).join('');
    if (!quote || quoted === quote) return [points.slice(0, start).join(''), quoted, points.slice(end).join('')];
  }
  const at = quote ? passage.indexOf(quote) : -1;
  return at < 0 ? null : [passage.slice(0, at), quote, passage.slice(at + quote.length)];
}

/** A file size for people, in units of 1024. */
export function fileSize(bytes) {
  if (!Number.isFinite(bytes)) return '';
  if (bytes < 1024) return `${bytes} B`;
  const kilo = bytes / 1024;
  return kilo < 1024 ? `${kilo.toFixed(kilo < 10 ? 1 : 0)} KB` : `${(kilo / 1024).toFixed(1)} MB`;
}
