import type { ConnectorDefinition, Field } from '../../../connector/definition/definition.ts';
import { type Entry, entriesOf, keyOf, wayKey } from '../../kit/flat-form.ts';
import { helpWithoutFields } from '../../kit/reference-help.ts';
import { singular } from '../../kit/title-case.ts';
import { findingAction } from '../find-or-create.ts';
import { listKey } from '../list-key.ts';
import { helpText, labelOf } from './words.ts';
import type { ZapierChoice, ZapierField, ZapierType } from './zapier-field.ts';

const types = {
  string: 'string',
  text: 'text',
  integer: 'integer',
  decimal: 'number',
  boolean: 'boolean',
  dateTime: 'datetime',
  strings: 'string',
  reference: 'string',
  references: 'string',
  object: 'json',
  objects: 'json',
} as const satisfies Readonly<Record<Field['kind'], ZapierType>>;

/** Renders the fields of a form. @param except the search that it belongs to: a search cannot fill its own field */
export function inputFields(
  definition: ConnectorDefinition,
  fields: readonly Field[],
  except?: string,
): readonly ZapierField[] {
  return entriesOf(fields).flatMap((entry) => {
    const { kind, fields: own } = entry.field;
    if (kind === 'reference' || kind === 'references') return referenceFields(definition, entry, except);
    if (kind === 'objects' && own !== undefined) return [listField(entry, own)];
    return [scalarField(entry)];
  });
}

function scalarField({ key, field, within }: Entry): ZapierField {
  const { kind, secret, pickList, default: preset, sample } = field;
  const isRequired = field.required && within.every(({ required }) => required);
  const isText = typeof sample === 'string' || typeof sample === 'number';
  return {
    key,
    label: [...within, field].map(labelOf).join(': '),
    type: secret ? 'password' : types[kind],
    ...described(field),
    ...(isText && !secret && { placeholder: String(sample) }),
    ...(isRequired && { required: true }),
    ...(preset !== undefined && { default: String(preset) }),
    ...(kind === 'strings' && { list: true }),
    ...(pickList !== undefined && { choices: pickList.map(choiceOf) }),
  };
}

function choiceOf({ value, title }: NonNullable<Field['pickList']>[number]): ZapierChoice {
  return { value: String(value), sample: String(value), label: title };
}

/** Help that says no more than the label would be redundant. */
function described({ title, help }: Field): Pick<ZapierField, 'helpText'> {
  const isRedundant = help.replace(/\.$/, '').toLowerCase() === title.toLowerCase();
  return isRedundant ? {} : { helpText: helpText(help) };
}

/** A list of objects. What is below its fields has no form of its own: it is JSON. */
function listField({ key, path, field }: Entry, own: readonly Field[]): ZapierField {
  return { key, label: labelOf(field), children: childFields(own, path) };
}

/** The fields of a list of objects. */
export function childFields(fields: readonly Field[], above: readonly string[]): readonly ZapierField[] {
  return entriesOf(fields).map((entry) => {
    const { default: _, list, ...field } = scalarField(entry);
    return { ...field, key: keyOf([...above, ...entry.path]) };
  });
}

/** The help of a reference. In other hosts, each way to identify a resource has a field of its own. */
function referenceHelp(help: string, wayLabel: string): string {
  return helpText(
    [...helpWithoutFields(help), `Select from the list, or enter what "${wayLabel}" says.`].join(' '),
  );
}

/** The way in which a reference identifies its resource, and the value, which is an ID from a list by default. */
function referenceFields(
  { resources, actions }: ConnectorDefinition,
  { key, field }: Entry,
  except: string | undefined,
): readonly ZapierField[] {
  const { resource: name = '', kind, fields: ways = [] } = field;
  const finding = findingAction(actions, name);
  const label = labelOf(field);
  const isRequired = field.required && { required: true as const };
  const noun = singular(resources[name]?.title.toLowerCase() ?? name);
  const way = { key: wayKey(key), label: `Identify ${label} By` };
  return [
    {
      ...way,
      type: 'string',
      helpText: `What the next field contains. To select a ${noun} from the list, keep the ID.`,
      choices: ways.map((one) => ({ value: one.key, sample: one.key, label: labelOf(one) })),
      default: ways[0]?.key ?? '',
    },
    {
      key,
      label,
      type: 'string',
      helpText: referenceHelp(field.help, way.label),
      ...isRequired,
      dynamic: `${listKey(name)}.id.name`,
      // A search fills one value: Zapier does not accept it for a list.
      ...(kind === 'references'
        ? { list: true as const }
        : finding !== undefined && finding.key !== except && { search: `${finding.key}.id` }),
    },
  ];
}
