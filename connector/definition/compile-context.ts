import type { ScimSchema } from '../../schemas/scim-schema.ts';
import { findAttribute } from '../../scim/path.ts';
import type { ResourceModel } from '../../scim/schema/resource-model.ts';
import type { InputProblem } from '../errors.ts';
import type { ManifestBundle } from '../manifest/apply-overlay.ts';
import type { Manifest } from '../manifest/manifest.zod.ts';
import { addTitles } from './add-titles.ts';
import type { ResourceDefinition } from './definition.ts';

/** What the parts of the compiler share: the manifest, what is compiled so far, and the problems found so far. */
export interface CompileContext {
  readonly manifest: Manifest;
  /** The SCIM schemas, with a title on every attribute, by URI. */
  readonly schemas: ReadonlyMap<string, ScimSchema>;
  /** The compiled resources, by name. Empty while resources are compiled. */
  readonly resources: Readonly<Record<string, ResourceDefinition>>;
  /** Each problem is reported here, so that one run finds all of them. */
  readonly problems: InputProblem[];
}

/** The context in which no resource is compiled yet. */
export function createCompileContext({ manifest, schemas }: ManifestBundle): CompileContext {
  return {
    manifest,
    schemas: new Map(addTitles(schemas, manifest).map((schema) => [schema.id, schema])),
    resources: {},
    problems: [],
  };
}

/** Reports a reference to something that does not exist. */
export function reportMissing(
  { problems }: CompileContext,
  path: string,
  what: string,
  known: readonly string[],
): void {
  problems.push({ path, message: `there is no ${what}: there is ${known.join(', ') || 'none'}` });
}

/** Reports each key that is declared more than once. */
export function reportDuplicates({ problems }: CompileContext, path: string, keys: readonly string[]): void {
  const twice = keys.filter((key, index) => keys.indexOf(key) !== index);
  for (const key of new Set(twice))
    problems.push({ path, message: `"${key}" is declared twice: rename one` });
}

/** Reports each path that is not an attribute of at least one of the resource types. */
export function reportUnknownPaths(
  { problems }: CompileContext,
  where: string,
  paths: readonly string[],
  models: readonly ResourceModel[],
): void {
  for (const path of paths) {
    if (!models.some((model) => findAttribute(model, path) !== undefined))
      problems.push({ path: where, message: unknownAttribute(path, models) });
  }
}

/** The message about an attribute that no schema of these resource types has. */
export function unknownAttribute(path: string, models: readonly ResourceModel[]): string {
  const names = models.map(({ name }) => name).join(' and ') || 'any resource';
  return `there is no attribute "${path}" in the schemas of ${names}: add its schema, or correct the path`;
}

/** A SCIM schema by its URI. A missing one is reported. */
export function schemaOf(context: CompileContext, id: string, path: string): ScimSchema | undefined {
  const schema = context.schemas.get(id);
  if (schema === undefined) reportMissing(context, path, `schema "${id}"`, [...context.schemas.keys()]);
  return schema;
}

/** A compiled resource by its name. A missing one is reported. */
export function resourceOf(
  context: CompileContext,
  name: string,
  path: string,
): ResourceDefinition | undefined {
  const resource = context.resources[name];
  if (resource === undefined)
    reportMissing(context, path, `resource "${name}"`, Object.keys(context.resources));
  return resource;
}
