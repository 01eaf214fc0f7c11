import type { SourceDefinition } from '../../../connector/definition/definition.ts';
import { fill } from '../../../schemas/fill.ts';
import { sources } from '../../../triggers/sources/sources.ts';
import { fieldLabels } from '../../kit/field-labels.ts';
import { titleCase } from '../../kit/title-case.ts';
import { toHtml } from '../../kit/to-html.ts';
import { docsLink } from './notice-property.ts';
import { labelOf } from './words.ts';

/** How to set up the sender of a source, as HTML. */
export interface SenderSetup {
  readonly steps: readonly string[];
  /** The link to the documentation of the sender, if there is one. */
  readonly docs: readonly string[];
}

/** What n8n calls the URL of the receiver. */
const url = 'the Production URL of the SCIM Webhook Trigger node';

export function senderSetup(source: SourceDefinition): SenderSetup {
  const { title, setup, fields, subscription } = source;
  const labels = fieldLabels([...fields, ...(subscription?.fields ?? [])], (field) => `"${labelOf(field)}"`);
  return {
    steps: setup.steps.map((step) =>
      toHtml(fill(step, { url }).replace(/`(\w+)`/g, (_, key: string) => labels.get(key) ?? key)),
    ),
    docs: setup.docs === undefined ? [] : [docsLink(titleCase(title), setup.docs)],
  };
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
