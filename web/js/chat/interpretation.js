// What the service understood of a question, as lines for people.

import { t } from '../core/i18n.js';
import { cleanLine } from '../core/text.js';

const DAY = 24 * 60 * 60 * 1000;
const ENDLESS = '9999';

/** The message keys with their parameters, one a line; none where the question is taken as it stands. */
export function interpretationLines({ question = '', follows = null, parts = [], filters = [], times = [], slips = [] }) {
  const lines = filters.map((filter) => [filter.exclude ? 'asked.except' : 'asked.only', {
    field: () => t(`asked.${filter.field}`),
    value: cleanLine(filter.value),
  }]);
  if (follows) lines.push(['asked.question', { value: cleanLine(question) }]);
  if (parts.length > 1) lines.push(['asked.parts', { count: parts.length }]);
  for (const slip of slips) lines.push(['asked.slip', { text: cleanLine(slip.text), value: cleanLine(slip.interpreted_as) }]);
  for (const { text, start, end } of times) {
    const open = end.startsWith(ENDLESS);
    lines.push([open ? 'asked.since' : 'asked.time', { text: cleanLine(text), start, end: open ? '' : lastDay(end) }]);
  }
  return lines;
}

/** The day before one that a span ends before. */
function lastDay(end) {
  return new Date(Date.parse(`${end}T00:00:00Z`) - DAY).toISOString().slice(0, 10);
}
