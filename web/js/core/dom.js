// Elements are built from names and text nodes only. Nothing in this page assigns markup.

import { bindAttribute, bindText } from './i18n.js';

const SVG = 'http://www.w3.org/2000/svg';
const ICONS = {
  back: ['M15 5l-7 7 7 7'],
  close: ['M6 6l12 12M18 6L6 18'],
  copy: ['M9 9h10v11H9z', 'M15 9V4H5v11h4'],
  edit: ['M4 20l1-4L16.500 4.500l3 3L8 19z', 'M14 7l3 3'],
  file: ['M6 3h8l4 4v14H6z', 'M14 3v4h4'],
  link: ['M10 14a4 4 0 005.700 0l3-3a4 4 0 00-5.700-5.700l-1 1', 'M14 10a4 4 0 00-5.700 0l-3 3a4 4 0 005.700 5.700l1-1'],
  minus: ['M6 12h12'],
  next: ['M9 5l7 7-7 7'],
  picture: ['M4 5h16v14H4z', 'M4 16l5-5 4 4 3-3 4 4', 'M15.500 9.500h.1'],
  plus: ['M6 12h12M12 6v12'],
  replace: ['M4 12a8 8 0 0113.700-5.600L20 9', 'M20 4v5h-5', 'M20 12a8 8 0 01-13.700 5.600L4 15', 'M4 20v-5h5'],
  send: ['M12 19V5', 'M5.500 11.500L12 5l6.500 6.500'],
  stop: ['M7 7h10v10H7z'],
  trash: ['M5 7h14', 'M10 7V4h4v3', 'M7 7l1 13h8l1-13'],
  upload: ['M12 16V4', 'M7 9l5-5 5 5', 'M4 16v4h16v-4'],
  warn: ['M12 4L2.500 20h19z', 'M12 10v4.500M12 17.200v.1'],
};

/**
 * Make an element. `props`: `class`, `on` (event → handler), `i18n` (key or [key, params]), `i18nAttrs` (attribute →
 * key or [key, params]), `text`; anything else is set as an attribute (true → empty, false or null → absent).
 */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (name === 'class') element.className = value;
    else if (name === 'text') element.textContent = value;
    else if (name === 'on') for (const [event, handler] of Object.entries(value)) element.addEventListener(event, handler);
    else if (name === 'i18n') bindText(element, ...[value].flat());
    else if (name === 'i18nAttrs') for (const [attr, key] of Object.entries(value)) bindAttribute(element, attr, ...[key].flat());
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

/** A line icon; it is decoration, the control that holds it carries the name. */
export function icon(name) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  for (const d of ICONS[name]) {
    const path = document.createElementNS(SVG, 'path');
    path.setAttribute('d', d);
    svg.append(path);
  }
  return svg;
}

/** A button with an icon and a translated name that is shown as its tooltip. */
export function iconButton(name, key, handler, props = {}) {
  return h('button', { type: 'button', class: 'icon-button', i18nAttrs: { 'aria-label': key, title: key }, on: { click: handler }, ...props }, icon(name));
}

/** Say a sentence to screen readers. */
export function announce(text) {
  document.getElementById('live').textContent = text;
}
