import type { ScimAttribute } from '../../schemas/scim-schema.ts';
import { findAttribute } from '../../scim/path.ts';
import { modelOf, type ResourceModel } from '../../scim/schema/resource-model.ts';
import type { FieldDeclaration, FieldEntry } from '../manifest/field.zod.ts';
import {
  type CompileContext,
  reportDuplicates,
  reportMissing,
  resourceOf,
  unknownAttribute,
} from './compile-context.ts';
import { defineField, nullableField } from './define-field.ts';
import type { Field, ResourceDefinition } from './definition.ts';
import { referenceField } from './reference-field.ts';

/**
 * The fields of a form: those declared here, those of field sets, and those of resources.
 *
 * @param before - the fields that come first, whose keys count, too
 */
export function compileFields(
  context: CompileContext,
  entries: readonly FieldEntry[],
  path: string,
  resource?: ResourceDefinition,
  before: readonly Field[] = [],
): readonly Field[] {
  const fields = [
    ...before,
    ...entries.flatMap((entry, index) => compileEntry(context, entry, `${path}.fields[${index}]`, resource)),
  ];
  reportDuplicates(
    context,
    `${path}.fields`,
    fields.map((field) => field.key),
  );
  return fields;
}

function compileEntry(
  context: CompileContext,
  entry: FieldEntry,
  path: string,
  resource: ResourceDefinition | undefined,
): readonly Field[] {
  const model = resource && modelOf(resource);
  if ('use' in entry) {
    const { fieldSets } = context.manifest;
    const set = fieldSets[entry.use];
    if (set === undefined) reportMissing(context, path, `field set "${entry.use}"`, Object.keys(fieldSets));
    return (set ?? []).map((field) => compileField(context, field, path, model));
  }
  if ('fieldsOf' in entry) return fieldsOfResource(context, entry, path);
  return [compileField(context, entry, path, model)];
}

function fieldsOfResource(
  context: CompileContext,
  {
    fieldsOf,
    only,
    omit = [],
    required = [],
    nullable = false,
    advanced,
  }: Extract<FieldEntry, { fieldsOf: string }>,
  path: string,
): readonly Field[] {
  const resource = resourceOf(context, fieldsOf, path);
  if (resource === undefined) return [];
  const { fields } = resource;
  for (const name of [...(only ?? []), ...omit, ...required]) {
    if (!fields.some(({ key }) => key === name))
      reportMissing(
        context,
        path,
        `field "${name}" of ${fieldsOf}`,
        fields.map(({ key }) => key),
      );
  }
  return fields
    .filter(({ key }) => (only === undefined || only.includes(key)) && !omit.includes(key))
    .map((field) => (nullable && !isRequired(resource, field) ? nullableField(field) : field))
    .map((field) => ({
      ...field,
      required: required.includes(field.key),
      advanced: advanced ?? field.advanced,
    }));
}

/** One field, with its attribute, pick-list, and reference resolved. */
export function compileField(
  context: CompileContext,
  declared: FieldDeclaration,
  path: string,
  model: ResourceModel | undefined,
): Field {
  const { problems, manifest } = context;
  const { attribute: name, pickList, resource, key, type } = declared;
  const where = `${path} "${key ?? name ?? declared.title}"`;
  if (key === undefined && name === undefined)
    problems.push({ path: where, message: 'needs a key or an attribute' });
  const find = (path: string): ScimAttribute | undefined => model && findAttribute(model, path)?.definition;
  const attribute = name === undefined ? undefined : find(name);
  if (name !== undefined && attribute === undefined)
    problems.push({ path: where, message: unknownAttribute(name, model === undefined ? [] : [model]) });
  if (name === undefined && type === undefined)
    problems.push({ path: where, message: 'needs an attribute or a type' });
  const options = pickList === undefined ? undefined : manifest.pickLists[pickList];
  if (pickList !== undefined && options === undefined)
    reportMissing(context, where, `pick-list "${pickList}"`, Object.keys(manifest.pickLists));
  return defineField(declared, {
    attribute,
    parent: name?.includes('.') ? find(name.slice(0, name.lastIndexOf('.'))) : undefined,
    referenceTo: (type) => {
      const named = manifest.resources[type];
      return named && referenceField(type, named);
    },
    pickList: options,
    reference: resource === undefined ? undefined : resourceOf(context, resource, where)?.reference,
    ...(model && { namePrefix: model.name }),
  });
}

function isRequired(resource: ResourceDefinition, { attribute = '' }: Field): boolean {
  return findAttribute(modelOf(resource), attribute)?.required === true;
}
