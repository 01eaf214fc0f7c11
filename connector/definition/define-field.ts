import { humanize } from '../../schemas/humanize.ts';
import type { JsonSchema } from '../../schemas/json-schema.ts';
import type { ScimAttribute } from '../../schemas/scim-schema.ts';
import { attributeToJsonSchema } from '../../schemas/to-json-schema.ts';
import type { FieldDeclaration, PickListOption } from '../manifest/field.zod.ts';
import type { Field, FieldKind } from './definition.ts';

/** The references of a field's declaration. */
export interface FieldContext {
  /** The attribute in `attribute`, if there is one. */
  readonly attribute?: ScimAttribute | undefined;
  readonly pickList?: readonly PickListOption[] | undefined;
  /** The reference in `resource`, if there is one. */
  readonly reference?: Field | undefined;
  /** The attribute that the one in `attribute` is a part of, if there is one. */
  readonly parent?: ScimAttribute | undefined;
  /** Finds the reference to a resource type. */
  readonly referenceTo?: (resource: string) => Field | undefined;
  /** The prefix of generated type names: `User`. */
  readonly namePrefix?: string;
}

/** Creates a field from its declaration: its kind and schema come from the attribute, or otherwise from `type`. */
export function defineField(declaration: FieldDeclaration, context: FieldContext): Field {
  const { key, title, unit, help, attribute, sample, resource, default: preset } = declaration;
  const kind = declaration.type ?? kindOf(context.attribute);
  const fields = context.reference?.fields ?? subFields(context.attribute, context);
  return {
    key: key ?? lastName(attribute ?? ''),
    title,
    ...(unit !== undefined && { unit }),
    help,
    kind,
    ...(attribute !== undefined && { attribute }),
    ...(resource !== undefined && { resource }),
    ...identified(context),
    required: declaration.required ?? false,
    ...(preset !== undefined && { default: preset }),
    ...(sample !== undefined && { sample }),
    ...(context.pickList !== undefined && { pickList: context.pickList }),
    custom: declaration.custom ?? false,
    secret: declaration.secret ?? false,
    advanced: declaration.advanced ?? false,
    polling: declaration.polling ?? false,
    safeguard: declaration.safeguard ?? false,
    choosesRows: declaration.choosesRows ?? false,
    ...(fields !== undefined && { fields }),
    schema: { ...valueSchema(kind, declaration, context), title, description: help },
  };
}

/** SCIM's `value` is an ID if the `$ref` next to it is the URI of a resource (RFC 7643 §2.4). */
function identified({ attribute, parent, referenceTo }: FieldContext): Pick<Field, 'identifies'> {
  if (attribute?.name !== 'value') return {};
  const uri = parent?.subAttributes?.find(({ name }) => name === '$ref');
  const identifies = (uri?.referenceTypes ?? []).flatMap((type) => referenceTo?.(type) ?? []);
  return identifies.length === 0 ? {} : { identifies };
}

/** The same field, where null removes the value. */
export function nullableField(field: Field): Field {
  const { type = [] } = field.schema;
  return {
    ...field,
    schema: { ...field.schema, type: [...(typeof type === 'string' ? [type] : type), 'null'] },
  };
}

function valueSchema(kind: FieldKind, declaration: FieldDeclaration, context: FieldContext): JsonSchema {
  const { minimum, maximum, default: preset, sample } = declaration;
  const extras: JsonSchema = {
    ...(minimum !== undefined && { minimum }),
    ...(maximum !== undefined && { maximum }),
    ...(preset !== undefined && { default: preset }),
    ...(context.pickList !== undefined && pickListSchema(context.pickList, declaration.custom === true)),
    ...(context.pickList === undefined &&
      sample !== undefined &&
      declaration.secret !== true && { examples: [sample] }),
  };
  if (context.attribute !== undefined && declaration.type === undefined) {
    const options = {
      direction: 'sent',
      ...(context.namePrefix !== undefined && { namePrefix: context.namePrefix }),
    } as const;
    const { examples: _, ...schema } = attributeToJsonSchema(context.attribute, options);
    // An empty string never identifies a resource: the value was forgotten, or mapped from an empty field.
    return schema.type === 'string' ? { ...schema, minLength: 1, ...extras } : { ...schema, ...extras };
  }
  switch (kind) {
    case 'reference':
      return { ...context.reference?.schema };
    case 'references':
      return {
        type: 'array',
        ...(declaration.required === true && { minItems: 1 }),
        items: { ...context.reference?.schema },
      };
    case 'strings':
      return { type: 'array', items: { type: 'string', minLength: 1 }, ...extras };
    case 'objects':
      return { type: 'array', items: { type: 'object' }, ...extras };
    case 'dateTime':
      return { type: 'string', format: 'date-time', ...extras };
    case 'string':
    case 'text':
      return { type: 'string', minLength: 1, ...extras };
    case 'decimal':
      return { type: 'number', ...extras };
    case 'integer':
    case 'boolean':
    case 'object':
      return { type: kind, ...extras };
  }
}

function pickListSchema(pickList: readonly PickListOption[], custom: boolean): JsonSchema {
  const values = pickList.map(({ value }) => value);
  return custom ? { examples: values } : { enum: values };
}

function kindOf(attribute: ScimAttribute | undefined): FieldKind {
  if (attribute === undefined) return 'string';
  const { type, multiValued } = attribute;
  if (multiValued === true) return type === 'complex' ? 'objects' : 'strings';
  switch (type) {
    case 'complex':
      return 'object';
    case 'boolean':
    case 'integer':
    case 'decimal':
    case 'dateTime':
      return type;
    default:
      return 'string';
  }
}

function subFields(
  attribute: ScimAttribute | undefined,
  context: FieldContext,
): readonly Field[] | undefined {
  if (attribute?.type !== 'complex') return undefined;
  return (attribute.subAttributes ?? [])
    .filter(({ mutability }) => mutability !== 'readOnly')
    .map((sub) => {
      const title = sub.title ?? humanize(sub.name);
      const help = sub.description ?? `${title}.`;
      const options = sub.canonicalValues?.map((value) => ({ value, title: humanize(value) }));
      return defineField(
        { key: sub.name, title, help, custom: true, advanced: sub.name.startsWith('$') },
        { ...context, attribute: sub, parent: attribute, pickList: options, reference: undefined },
      );
    });
}

function lastName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf(':'), path.lastIndexOf('.')) + 1);
}
