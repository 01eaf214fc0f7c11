import { findAttribute } from '../../scim/path.ts';
import type { ResourceModel } from '../../scim/schema/resource-model.ts';
import type { InputProblem } from '../errors.ts';
import type { Operation, PatchTemplate, SequenceStep } from '../manifest/operation.zod.ts';
import { unknownAttribute } from './compile-context.ts';
import type { Field } from './definition.ts';

type Maps = Readonly<Record<string, Readonly<Record<string, string>>>>;

/**
 * The problems with the template of a PATCH: a placeholder without a field that always has a value, one in a path
 * whose values are not a closed set, an incomplete map, or a path without an attribute.
 */
export function templateProblems(
  operation: Operation,
  fields: readonly Field[],
  source: ResourceModel,
  path: string,
): readonly InputProblem[] {
  if (operation.type !== 'patch' || operation.operations === 'given') return [];
  const { operations, maps = {} } = operation;
  return [
    ...operations.flatMap((template, index) => {
      const where = `${path}.operation.operations[${index}]`;
      return [
        ...placeholders(template).flatMap((name) => fieldProblem(name, fields)),
        ...placeholders({ path: template.path }).flatMap((name) => pathProblem(name, fields, maps)),
        ...expand(template.path, fields, maps).flatMap((target) => targetProblem(target, source)),
      ].map((message) => ({ path: where, message }));
    }),
    ...Object.keys(maps).flatMap((name) => mapProblem(name, fields, maps, `${path}.operation.maps.${name}`)),
  ];
}

/** The problems with the steps of a sequence: one without a boolean field, or a path without an attribute. */
export function stepProblems(
  steps: readonly SequenceStep[],
  fields: readonly Field[],
  source: ResourceModel,
  path: string,
): readonly InputProblem[] {
  return steps.flatMap((step, index) => {
    const where = `${path}.operation.steps[${index}]`;
    const isBoolean = byKey(fields, step.field)?.kind === 'boolean';
    const operations = step.type === 'patch' ? step.operations : [];
    return [
      ...(isBoolean ? [] : [{ path: where, message: `"${step.field}" must be a field of type "boolean"` }]),
      ...operations
        .flatMap((operation) => targetProblem(operation.path, source))
        .map((message) => ({ path: where, message })),
    ];
  });
}

function fieldProblem(name: string, fields: readonly Field[]): readonly string[] {
  const field = byKey(fields, name);
  if (field === undefined)
    return [`there is no field "${name}": there is ${fields.map(({ key }) => key).join(', ')}`];
  return field.required || field.default !== undefined
    ? []
    : [`the field "${name}" must be required, or have a default`];
}

/** A placeholder in a path must have a closed set of values, so that no input can reach another attribute. */
function pathProblem(name: string, fields: readonly Field[], maps: Maps): readonly string[] {
  const field = byKey(fields, name);
  if (field === undefined || valuesInPath(field, maps).length > 0) return [];
  return [`the field "${name}" is part of a path, so it needs a pick-list without "custom"`];
}

function targetProblem(target: string, source: ResourceModel): readonly string[] {
  if (findAttribute(source, target) !== undefined) return [];
  return [unknownAttribute(target, [source])];
}

function mapProblem(
  name: string,
  fields: readonly Field[],
  maps: Maps,
  path: string,
): readonly InputProblem[] {
  const unmapped = pickListValues(byKey(fields, name)).filter((value) => maps[name]?.[value] === undefined);
  return unmapped.length === 0 ? [] : [{ path, message: `has no entry for ${unmapped.join(', ')}: add it` }];
}

function placeholders(template: Pick<PatchTemplate, 'path' | 'value'>): readonly string[] {
  const inPath = [...template.path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  const inValue = [...JSON.stringify(template.value ?? null).matchAll(/"\{(\w+)\}"/g)].map(
    ([, name = '']) => name,
  );
  return [...inPath, ...inValue];
}

/** A template's path, once per possible value of its placeholders. */
function expand(path: string, fields: readonly Field[], maps: Maps): readonly string[] {
  const name = placeholders({ path })[0];
  if (name === undefined) return [path];
  const field = byKey(fields, name);
  const values = field === undefined ? [] : valuesInPath(field, maps);
  return values.flatMap((value) => expand(path.replaceAll(`{${name}}`, value), fields, maps));
}

/** The values that a field can put into a path: none, unless they are a closed set. */
function valuesInPath(field: Field, maps: Maps): readonly string[] {
  return field.custom ? [] : pickListValues(field).map((value) => maps[field.key]?.[value] ?? value);
}

function pickListValues(field: Field | undefined): readonly string[] {
  return field?.pickList?.map(({ value }) => String(value)) ?? [];
}

function byKey(fields: readonly Field[], name: string): Field | undefined {
  return fields.find(({ key }) => key === name);
}
