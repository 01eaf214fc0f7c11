import type { ConnectorDefinition, Field } from '../../connector/definition/definition.ts';
import { defaultConnectionFields } from '../kit/default-connection-fields.ts';
import { inputField, labelOf } from './input-field.ts';
import { createPickLists } from './pick-lists.ts';
import { secretFields } from './pushed-sources.ts';
import { type RubyValue, symbols } from './ruby.ts';
import { toHtml } from './to-html.ts';

/** Fields that Workato determines: a step sends its requests one after another. */
const decidedByWorkato: ReadonlySet<string> = new Set(['concurrency']);

/** The connection fields that apply to Workato, and the secrets of the push sources. */
export function connectionFields(definition: ConnectorDefinition): readonly Field[] {
  const own = defaultConnectionFields(definition).filter(({ key }) => !decidedByWorkato.has(key));
  return [...own, ...secretFields(definition)];
}

/** Renders a connection field as a plain hash, because methods and pick-lists are not available there. */
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
