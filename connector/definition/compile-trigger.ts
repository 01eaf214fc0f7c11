import { modelOf, type ResourceModel } from '../../scim/schema/resource-model.ts';
import type { TriggerDeclaration } from '../manifest/trigger.zod.ts';
import { type CompileContext, reportUnknownPaths, resourceOf } from './compile-context.ts';
import { compileFields } from './compile-fields.ts';
import type { Detection, ResourceDefinition, TriggerDefinition } from './definition.ts';
import { eventSample, eventSchema } from './events.ts';
import { objectOf } from './object-of.ts';
import { typeName } from './type-name.ts';

/** Compiles the form, the detection, and the sample of a trigger. */
export function compileTrigger(context: CompileContext, declared: TriggerDeclaration): TriggerDefinition {
  const { key, title, nounTitle = title, group, description, detect, sampleInput, sample } = declared;
  const path = `triggers.${key}`;
  const resources = detect.resources.flatMap((name) => resourceOf(context, name, path) ?? []);
  const models = resources.map(modelOf);
  const fields = compileFields(context, declared.fields, path, resources[0]);
  reportUnknownPaths(
    context,
    `${path}.sample`,
    sample.changes.map((change) => change.path),
    models.slice(0, 1),
  );
  return {
    key,
    title,
    nounTitle,
    group,
    description,
    detect: compileDetection(context, detect, resources, models, `${path}.detect`),
    fields,
    input: { ...objectOf(fields), 'x-name': typeName(key, 'Input'), title, description },
    output: eventSchema(resources),
    sampleInput,
    sample: resources[0] && eventSample(resources[0], sample),
  };
}

function compileDetection(
  context: CompileContext,
  { resources: names, types, changed: declared, except }: TriggerDeclaration['detect'],
  resources: readonly ResourceDefinition[],
  models: readonly ResourceModel[],
  path: string,
): Detection {
  const changed = declared === 'roles' ? resources.flatMap(({ roles }) => roles) : declared;
  if (declared === 'roles' && changed?.length === 0)
    context.problems.push({ path, message: 'no resource of it has "roles": name the paths, or add them' });
  reportUnknownPaths(context, `${path}.changed`, changed ?? [], models);
  reportUnknownPaths(context, `${path}.except`, except ?? [], models);
  return {
    resources: names,
    types,
    ...(changed !== undefined && { changed }),
    ...(except !== undefined && { except }),
  };
}
