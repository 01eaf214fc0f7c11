import type { SourceDefinition } from '../../../connector/definition/definition.ts';
import { fill } from '../../../schemas/fill.ts';
import { sources } from '../../../triggers/sources/sources.ts';
import { fieldLabels } from '../../kit/field-labels.ts';
import { titleCase } from '../../kit/title-case.ts';
import { toHtml } from '../../kit/to-html.ts';
import { labelOf } from './words.ts';

/**
 * The steps at the sender of a source, numbered, as HTML. A last line links to the documentation of the sender.
 *
 * @param url what n8n calls the URL of the receiver
 */
export function senderSetup(source: SourceDefinition, url: string): readonly string[] {
  const { title, setup, fields, subscription } = source;
  const labels = fieldLabels([...fields, ...(subscription?.fields ?? [])], (field) => `"${labelOf(field)}"`);
  const steps = setup.steps.map((step, index) => {
    const text = fill(step, { url }).replace(/`(\w+)`/g, (_, key: string) => labels.get(key) ?? key);
    return toHtml(`${index + 1}. ${text}`);
  });
  if (setup.docs === undefined) return steps;
  return [
    ...steps,
    `<a href="${toHtml(setup.docs)}" target="_blank">${toHtml(titleCase(title))} documentation</a>`,
  ];
}

/** What the test of the credential cannot show: n8n's editor shows each test without an error as a connection. */
export function untestedSettings({ type, subscription }: SourceDefinition): readonly string[] {
  if (sources[type].connects) return [];
  const needed = (subscription?.fields ?? []).map((field) => `"${labelOf(field)}"`).join(' and ');
  const unless = needed === '' ? '' : ` without ${needed}`;
  return [
    `The test of this credential sends nothing${unless}: the first event shows whether the settings are correct.`,
  ];
}
