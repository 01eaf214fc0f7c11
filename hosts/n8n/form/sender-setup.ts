import type { SourceDefinition } from '../../../connector/definition/definition.ts';
import { fill } from '../../../schemas/fill.ts';
import { fieldLabels } from '../../kit/field-labels.ts';
import { titleCase } from '../../kit/title-case.ts';
import { toHtml } from '../../kit/to-html.ts';
import { labelOf } from './words.ts';

/** The steps at the sender of a source, as HTML, with a link to its documentation. @param url the node's URL, as HTML */
export function senderSetup({ title, setup, fields, subscription }: SourceDefinition, url: string): string {
  const labels = fieldLabels([...fields, ...(subscription?.fields ?? [])], labelOf);
  const steps = setup.steps.map((step) => {
    const text = fill(toHtml(step), { url });
    return `<li>${text.replace(/`(\w+)`/g, (_, key: string) => `<b>${labels.get(key) ?? key}</b>`)}</li>`;
  });
  const list = `<ol>${steps.join('')}</ol>`;
  if (setup.docs === undefined) return list;
  return `${list}<a href="${toHtml(setup.docs)}" target="_blank">${toHtml(titleCase(title))} documentation</a>`;
}
