import type { Field } from '../../../connector/definition/definition.ts';
import { helpWithoutFields } from '../../kit/reference-help.ts';
import { singular, titleCase } from '../../kit/title-case.ts';
import { groupName, listMode, methodNames, textMode } from '../parameter-names.ts';
import type { N8nMode, N8nOption, N8nProperty } from './n8n-property.ts';
import { helpText, labelOf, switchText } from './words.ts';

/** The number of entries from which n8n requires alphabetical order. */
const sortedFrom = 5;

/** Converts a field of the manifest to a parameter. @param above the keys of the enclosing fields */
export function fieldProperty(field: Field, above: readonly string[] = []): N8nProperty {
  return { ...shapeOf(field, above), ...(field.required && { required: true as const }) };
}

function shapeOf(field: Field, above: readonly string[]): N8nProperty {
  const { kind, fields = [] } = field;
  switch (kind) {
    case 'boolean':
      return {
        ...named(field),
        type: 'boolean',
        default: field.default ?? field.sample === true,
        description: switchText(field.help),
      };
    case 'integer':
    case 'decimal':
      return numberProperty(field);
    case 'dateTime':
      return { ...named(field), type: 'dateTime', default: '', ...described(field) };
    case 'text':
      return { ...textProperty(field), typeOptions: { rows: 3 } };
    case 'string':
      if (field.identifies !== undefined) return idProperty(field, field.identifies);
      if (field.pickList === undefined) return textProperty(field);
      return field.custom ? openPickList(field, above) : closedPickList(field);
    case 'strings':
      return {
        ...named(field),
        type: 'string',
        typeOptions: { multipleValues: true, multipleValueButtonText: `Add ${oneOf(labelOf(field))}` },
        default: [],
        ...placed(Array.isArray(field.sample) ? field.sample[0] : undefined),
        ...described(field),
      };
    case 'reference':
      return referenceProperty(field);
    case 'references':
      return groupProperty({ ...field, help: helpWithoutFields(field.help).join(' ') }, [
        {
          ...referenceProperty({ ...field, help: '' }),
          displayName: field.resource ?? labelOf(field),
          name: 'reference',
        },
      ]);
    case 'object':
    case 'objects':
      return objectProperty(field, fields, above);
  }
}

/** The part of an object that is the ID of a resource, such as a manager. The rest of the object follows from it. */
export function identifyingPart({ fields = [] }: Field): Field | undefined {
  return fields.find(({ identifies }) => identifies !== undefined);
}

function objectProperty(field: Field, fields: readonly Field[], above: readonly string[]): N8nProperty {
  const part = identifyingPart(field);
  if (part?.identifies !== undefined) {
    if (field.kind === 'object') return idProperty(field, part.identifies);
    const one = { ...part, title: singular(field.title), help: '' };
    return groupProperty(field, [idProperty(one, part.identifies)]);
  }
  if (fields.length === 0) return jsonProperty(field);
  return groupProperty(field, sorted(fields.map((one) => fieldProperty(one, [...above, field.key]))));
}

/** Entries in alphabetical order, if n8n requires it. */
export function sorted<Entry extends { readonly displayName: string } | N8nOption>(
  entries: readonly Entry[],
): readonly Entry[] {
  const name = (entry: Entry): string => ('displayName' in entry ? entry.displayName : entry.name);
  if (entries.length < sortedFrom) return entries;
  return entries.toSorted((one, other) => name(one).localeCompare(name(other)));
}

/** The entries of a pick-list. */
export function optionsOf({ key, pickList = [] }: Field): readonly N8nOption[] {
  const options = pickList.map(({ value, title, help }) => ({
    name: titleCase(title),
    value,
    ...(help !== undefined && { description: helpText(help) }),
    // n8n treats a parameter of this name as a list of operations, which need such a sentence.
    ...(key === 'action' && { action: title }),
  }));
  return sorted(options);
}

function named(field: Field): { displayName: string; name: string } {
  return { displayName: labelOf(field), name: field.key };
}

function described({ title, help }: Field): { description?: string } {
  const description = helpText(help);
  return description.toLowerCase() === title.toLowerCase() ? {} : { description };
}

function placed(sample: unknown): { placeholder?: string } {
  return typeof sample === 'string' || typeof sample === 'number' ? { placeholder: `e.g. ${sample}` } : {};
}

function textProperty(field: Field): N8nProperty {
  return {
    ...named(field),
    type: 'string',
    ...(field.secret && { typeOptions: { password: true } }),
    default: field.default ?? '',
    ...(!field.secret && placed(field.sample)),
    ...described(field),
  };
}

function numberProperty(field: Field): N8nProperty {
  const { minimum, maximum } = field.schema;
  return {
    ...named(field),
    type: 'number',
    typeOptions: {
      ...(minimum !== undefined && { minValue: minimum }),
      ...(maximum !== undefined && { maxValue: maximum }),
      ...(field.kind === 'integer' && { numberPrecision: 0 }),
    },
    default: field.default ?? (typeof field.sample === 'number' ? field.sample : (minimum ?? 0)),
    ...described(field),
  };
}

function closedPickList(field: Field): N8nProperty {
  const options = optionsOf(field);
  return {
    ...named(field),
    type: 'options',
    options,
    default: field.default ?? options[0]?.value ?? '',
    // The node ignores the case of a value, but n8n's editor would mark "PROD" as an error.
    allowArbitraryValues: true,
    description: helpText(`${field.help} In an expression, use one of: ${valuesOf(field)}.`),
  };
}

/** The values of a pick-list. An AI agent reads them in the description: it cannot open the list. */
function valuesOf({ pickList = [] }: Field): string {
  return pickList.map(({ value }) => value).join(', ');
}

/** A pick-list with custom values: selected from a list, or entered as text. */
function openPickList(field: Field, above: readonly string[]): N8nProperty {
  return {
    ...named(field),
    type: 'resourceLocator',
    default: { mode: listMode, value: field.default ?? '' },
    modes: [
      listed(methodNames.searchPickList([...above, field.key])),
      { displayName: 'Name', name: textMode, type: 'string', ...placed(field.sample) },
    ],
    description: helpText(withKnownValues(field)),
  };
}

function withKnownValues(field: Field): string {
  const { help, pickList = [] } = field;
  const isComplete = pickList.every(({ value }) => help.includes(`"${value}"`));
  return isComplete ? help : `${help} Known values: ${valuesOf(field)}.`;
}

function referenceProperty(field: Field): N8nProperty {
  const ways = (field.fields ?? []).map(({ title }) => `${title.charAt(0).toLowerCase()}${title.slice(1)}`);
  const help = [...helpWithoutFields(field.help), `Select from the list, or enter the ${anyOf(ways)}.`];
  return {
    ...named(field),
    type: 'resourceLocator',
    default: { mode: listMode, value: '' },
    modes: [
      listed(methodNames.searchResource(field.resource ?? '')),
      ...(field.fields ?? []).map((way) => ({
        displayName: labelOf(way).replace(`${field.resource} `, ''),
        name: way.key,
        type: 'string' as const,
        ...placed(way.sample),
        hint: helpText(way.help),
      })),
    ],
    description: helpText(help.join(' ')),
  };
}

/** "user ID, username, or email" */
function anyOf(names: readonly string[]): string {
  return new Intl.ListFormat('en-US', { type: 'disjunction' }).format(names);
}

/** The ID of a resource: selected from a list, or found by a name of the first type of resource. */
function idProperty(field: Field, [first, ...others]: readonly Field[]): N8nProperty {
  if (first === undefined) return textProperty(field);
  const { modes = [], ...property } = referenceProperty({ ...first, ...field, fields: first.fields ?? [] });
  const lists = others.map((other) => ({
    ...listed(methodNames.searchResource(other.resource ?? '')),
    displayName: `${labelOf(other)} From List`,
    name: `${listMode}${other.resource}`,
  }));
  return { ...property, modes: [...modes, ...lists] };
}

function listed(searchListMethod: string): N8nMode {
  return {
    displayName: 'From List',
    name: listMode,
    type: 'list',
    typeOptions: { searchListMethod, searchable: true },
  };
}

/** "Field" of "Fields to Return", "Column" of "Ignore Columns", "Hold" of "Approved Hold" */
function oneOf(label: string): string {
  const [noun = ''] = label.split(' to ');
  return singular(noun.split(' ').at(-1) ?? noun);
}

function groupProperty(field: Field, values: readonly N8nProperty[]): N8nProperty {
  const isMany = field.kind === 'objects' || field.kind === 'references';
  const one = isMany ? singular(labelOf(field)) : labelOf(field);
  return {
    ...named(field),
    type: 'fixedCollection',
    ...(isMany && { typeOptions: { multipleValues: true } }),
    default: {},
    placeholder: `Add ${one}`,
    options: [{ displayName: one, name: groupName, values }],
    ...described(field),
  };
}

function jsonProperty(field: Field): N8nProperty {
  return {
    ...named(field),
    type: 'json',
    // Users would send a sample that they forget to change.
    default: field.kind === 'objects' ? '[]' : '{}',
    ...described(field),
  };
}
