import type { ConnectorDefinition, Field } from '../../connector/definition/definition.ts';
import { inputField, labelOf } from './input-field.ts';
import { createPickLists } from './pick-lists.ts';
import { secretFields } from './pushed-sources.ts';
import { type RubyValue, symbols } from './ruby.ts';
import { toHtml } from './to-html.ts';

/** What Workato decides by itself: a step sends one request after the other. */
const decidedByWorkato: ReadonlySet<string> = new Set(['concurrency']);

/** The fields of a connection that mean something on Workato, and the secrets of those who push. */
export function connectionFields(definition: ConnectorDefinition): readonly Field[] {
  const own = definition.connection.fields.filter(({ key }) => !decidedByWorkato.has(key));
  return [...own, ...secretFields(definition)];
}

/** Draws a field of the connection: a plain hash, since neither methods nor pick-lists are at hand there. */
export function connectionField(field: Field): RubyValue {
  const { key, help, required, kind, pickList, default: preset } = field;
  if (kind !== 'boolean' && pickList === undefined)
    return inputField({ ...field, advanced: true }, { pickLists: createPickLists() });
  return symbols({
    name: key,
    label: labelOf(field),
    optional: !required,
    default: preset === undefined ? undefined : String(preset),
    hint: toHtml(help),
    type: kind === 'boolean' ? 'boolean' : 'string',
    control_type: kind === 'boolean' ? 'checkbox' : 'select',
    options: pickList?.map(({ title: label, value }) => [label, value]),
  });
}
