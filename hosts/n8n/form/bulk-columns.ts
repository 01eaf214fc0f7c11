import type {
  ActionDefinition,
  Field,
  ResourceDefinition,
} from '../../../connector/definition/definition.ts';
import { isRecord } from '../../../schemas/is-record.ts';
import { matchKey } from './bulk-form.ts';
import { optionsOf } from './field-property.ts';
import type { N8nOption } from './n8n-property.ts';
import { labelOf } from './words.ts';

/** The part of n8n's `ResourceMapperField` that the forms use. */
export interface BulkColumn {
  /** The name of the column, as a sheet would have it: `name.givenName`. */
  readonly id: string;
  readonly displayName: string;
  /** Never a boolean: n8n would send false for a column that a person did not fill in. */
  readonly type: 'string' | 'options';
  readonly options?: readonly N8nOption[];
  readonly required: boolean;
  readonly defaultMatch: false;
  readonly display: true;
  /** Whether a person adds it to the form first. What identifies the users of all rows has a parameter of its own. */
  readonly removed: boolean;
}

/** The columns that a row of an action can have. A row identifies its user by the first lookup key with a value. */
export function bulkColumns(
  { reference, lookupKeys }: ResourceDefinition,
  { fields }: ActionDefinition,
): readonly BulkColumn[] {
  const takesReference = fields.some(({ key }) => key === reference.key);
  const keys = takesReference ? lookupKeys.map(({ key }) => key) : [];
  // Each of them is required in a reference of its own, and a row needs only one.
  const lookups = (reference.fields ?? []).map((field) => ({ ...field, required: false }));
  const others = fields.filter(({ key }) => key !== reference.key && !keys.includes(key));
  return [
    ...(takesReference ? lookups : []).map((field) => column(field, [])),
    ...others.flatMap((field) => columnsOf(field)),
  ];
}

/** Secrets, parts that identify others, and options of one request have no column. */
function columnsOf(field: Field): readonly BulkColumn[] {
  const { kind, fields = [], secret, advanced, attribute } = field;
  if (secret || (advanced && attribute === undefined)) return [];
  if (kind === 'object') {
    const isReference = fields.some(({ key }) => key === 'value');
    return isReference ? [] : fields.map((part) => column(part, [field]));
  }
  if (kind === 'objects') return fields.some(({ key }) => key === 'value') ? [column(field, [])] : [];
  return kind === 'reference' || kind === 'references' ? [] : [column(field, [])];
}

function column(field: Field, above: readonly Field[]): BulkColumn {
  const all = [...above, field];
  const isClosed = field.pickList !== undefined && !field.custom;
  return {
    id: all.map(({ key }) => key).join('.'),
    displayName: `${all.map(labelOf).join(' > ')}${field.kind === 'boolean' ? ' (true or false)' : ''}`,
    type: isClosed ? 'options' : 'string',
    ...(isClosed && { options: optionsOf(field) }),
    required: field.required,
    defaultMatch: false,
    display: true,
    removed:
      !field.required &&
      (field.key === matchKey ||
        all.some(({ advanced }) => advanced) ||
        above.some((one) => !isInSample(one, field))),
  };
}

/** The sample of an object has the parts that most people use. */
function isInSample({ sample }: Field, { key }: Field): boolean {
  return isRecord(sample) && key in sample;
}
