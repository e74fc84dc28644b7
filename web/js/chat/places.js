// Where a citation stands, in words.

import { t } from '../core/i18n.js';
import { cleanLine } from '../core/text.js';

/** Page, heading path or anchor (sheet and cells) of a citation, in the language of the page. */
export function placeOf(citation) {
  const parts = [];
  if (Number.isInteger(citation.page)) parts.push(t('place.page', { page: citation.page }));
  const path = (citation.heading_path ?? []).map(cleanLine).filter(Boolean).join(' › ');
  if (path) parts.push(path);
  if (citation.anchor) parts.push(cleanLine(citation.anchor));
  return parts.join(' · ') || t('place.none');
}
