import type { Field } from '../../../connector/definition/definition.ts';
import { type Entry, entriesOf, keyOf, wayKey } from '../../kit/flat-form.ts';
import type { Options, Prop, PropFactory, PropRequest } from '../runtime/pieces-framework.ts';
import { labelOf, wayLabel } from './words.ts';

/** Creates the list from which a user or group is selected, by its ID. */
export type ReferenceProp = (field: Field, request: PropRequest) => Prop;

/** The fields of a form, by their keys. */
export function propsOf(
  create: PropFactory,
  fields: readonly Field[],
  referenceProp: ReferenceProp,
): Readonly<Record<string, Prop>> {
  const props = entriesOf(fields).flatMap((entry): readonly (readonly [string, Prop])[] => {
    const { key, path, field } = entry;
    const request = requestOf(entry);
    if (field.kind === 'reference' || field.kind === 'references') {
      const value = field.kind === 'references' ? create.Array(request) : referenceProp(field, request);
      return [
        [wayKey(key), wayProp(create, field)],
        [key, value],
      ];
    }
    if (field.kind !== 'objects' || field.fields === undefined)
      return [[key, propOf(create, field, request)]];
    const properties = entriesOf(field.fields).map((inner) => {
      const { defaultValue: _, ...own } = requestOf(inner);
      return [keyOf([...path, ...inner.path]), propOf(create, inner.field, own)] as const;
    });
    return [[key, create.Array({ ...request, properties: Object.fromEntries(properties) })]];
  });
  return Object.fromEntries(props);
}

function requestOf({ field, within }: Entry): PropRequest {
  return {
    displayName: [...within, field].map(labelOf).join(': '),
    description: field.help,
    required: field.required && within.every(({ required }) => required),
    ...(field.default !== undefined && { defaultValue: field.default }),
  };
}

/** One field that is neither a reference nor a list of objects with fields. */
export function propOf(create: PropFactory, { kind, pickList }: Field, request: PropRequest): Prop {
  const options = pickList?.map(({ value, title }) => ({ label: title, value }));
  switch (kind) {
    case 'boolean':
      // An untouched checkbox is false, which is another value than none.
      return request.defaultValue === undefined
        ? create.StaticDropdown({ ...request, options: yesOrNo })
        : create.Checkbox(request);
    case 'integer':
    case 'decimal':
      return create.Number(request);
    case 'dateTime':
      return create.DateTime(request);
    case 'strings':
      return options === undefined
        ? create.Array(request)
        : create.StaticMultiSelectDropdown({ ...request, options: { options } });
    case 'object':
    case 'objects':
      return create.Json(request);
    case 'text':
      return create.LongText(request);
    default:
      return options === undefined
        ? create.ShortText(request)
        : create.StaticDropdown({ ...request, options: { options } });
  }
}

const yesOrNo: Options = {
  options: [
    { label: 'Yes', value: true },
    { label: 'No', value: false },
  ],
};

function wayProp(create: PropFactory, field: Field): Prop {
  const ways = field.fields ?? [];
  return create.StaticDropdown({
    displayName: wayLabel(field),
    description: 'What the next field contains. To select from the list, keep the ID.',
    required: false,
    defaultValue: ways[0]?.key,
    options: { options: ways.map((way) => ({ label: labelOf(way), value: way.key })) },
  });
}
