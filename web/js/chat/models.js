// The choice of the model that answers, where there is one.

import { fetchJson } from '../core/api.js';
import { h } from '../core/dom.js';
import { cleanLine } from '../core/text.js';

/** A list that stays hidden while there is nothing to choose; `value` is the name to send, or null. */
export class ModelChoice {
  constructor() {
    this.models = [];
    this.list = h('select', { id: 'model', i18nAttrs: { 'aria-label': 'chat.model' } });
    this.element = h('span', { class: 'model-choice', hidden: true }, this.list);
  }

  /** Whether a model that may come to answer is shown pictures. */
  get sees() {
    return this.models.some((one) => one.vision && (this.value === null || this.value === one.id));
  }

  get value() {
    return this.element.hidden ? null : this.list.value;
  }

  /** Ask what the person may choose; without an answer the service chooses. */
  async load() {
    this.element.hidden = true;
    try {
      const { data } = await fetchJson('/v1/models');
      const quoting = (id) => id === 'wenyuan-extractive';
      const option = ({ id, default: selected }) => h('option', { value: id, selected, ...(quoting(id) ? { i18n: 'answer.extractive' } : { text: cleanLine(id) }) });
      this.models = data;
      this.list.replaceChildren(...data.map(option));
      this.element.hidden = data.length < 2;
    } catch {
      this.models = [];
      this.list.replaceChildren();
    }
  }
}
