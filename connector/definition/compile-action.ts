import type { JsonSchema } from '../../schemas/json-schema.ts';
import type { ScimAttribute } from '../../schemas/scim-schema.ts';
import { modelOf } from '../../scim/schema/resource-model.ts';
import type { ActionDeclaration } from '../manifest/action.zod.ts';
import type { Operation, OperationType } from '../manifest/operation.zod.ts';
import { extensionObjects, receivedAttributes } from './attribute-schemas.ts';
import { type CompileContext, reportMissing, resourceOf } from './compile-context.ts';
import { compileFields } from './compile-fields.ts';
import type { ActionDefinition, Field, ResourceDefinition } from './definition.ts';
import { dryRunDefinition } from './dry-run.ts';
import { objectOf } from './object-of.ts';
import { outputOf, sampleOf } from './outputs.ts';
import { stepProblems, templateProblems } from './template-problems.ts';
import { typeName } from './type-name.ts';

/** Compiles the form, the schemas, and the samples of an action. */
export function compileAction(context: CompileContext, declared: ActionDeclaration): ActionDefinition {
  const { key, title, group, description, idempotent, everyday = false } = declared;
  const { operation, sampleInput, sample } = declared;
  const { effect = isReadOnly(operation) ? 'read' : 'destructive' } = declared;
  const path = `actions.${key}`;
  const resource = 'resource' in operation ? resourceOf(context, operation.resource, path) : undefined;
  reportUnknownActions(context, operation, path);
  if ('groups' in operation) resourceOf(context, operation.groups, path);
  const steps = operation.type === 'sequence' ? operation.steps : [];
  for (const step of steps) if (step.type === 'leave_groups') resourceOf(context, step.groups, path);
  const reference = resource !== undefined && takesReference(operation) ? [resource.reference] : [];
  const declaredFields = compileFields(context, declared.fields, path, resource, reference);
  const fields = takesRows(operation) ? declaredFields.map(withNullRows) : declaredFields;
  if (effect !== 'read' && fields.some(({ key: name }) => name === dryRunDefinition.field.key))
    context.problems.push({ path, message: 'has a field "dryRun", which is the switch of the dry run' });
  if (resource !== undefined)
    context.problems.push(
      ...templateProblems(operation, fields, modelOf(resource), path),
      ...stepProblems(steps, fields, modelOf(resource), path),
    );
  return {
    key,
    title,
    group,
    description,
    effect,
    idempotent,
    everyday,
    dryRun: effect === 'read' ? undefined : dryRunDefinition,
    operation,
    takesResource: takesResource(operation),
    fields,
    input: {
      ...inputOf(context, operation, fields, resource),
      'x-name': typeName(key, 'Input'),
      title,
      description,
    },
    output: outputOf(operation, resource ?? resourceOfRows(context, operation, path)),
    nullable: operation.type === 'read' && operation.onMissing === 'null',
    sampleInput,
    sample: sample ?? sampleOf(operation, resource),
  };
}

/** The form's fields, and, if the input is a whole resource, also SCIM's own format of its extensions. */
function inputOf(
  context: CompileContext,
  operation: Operation,
  fields: readonly Field[],
  resource: ResourceDefinition | undefined,
): JsonSchema {
  const schema = objectOf(isTemplate(operation) ? fields : fields.map(withoutDefault));
  if (resource === undefined || !takesResource(operation)) return schema;
  const extensions = resource.extensions.flatMap((id) => context.schemas.get(id) ?? []);
  return {
    ...schema,
    properties: {
      ...schema.properties,
      ...extensionObjects(extensions, 'sent'),
      // So that a resource that was read can be passed back unchanged.
      ...(operation.type === 'replace' &&
        receivedAttributes(context, readOnly(resource.attributes), resource.name)),
    },
  };
}

function reportUnknownActions(context: CompileContext, operation: Operation, path: string): void {
  if (operation.type !== 'bulk') return;
  const known = context.manifest.actions.map(({ key }) => key);
  for (const key of operation.actions)
    if (!known.includes(key)) reportMissing(context, path, `action "${key}"`, known);
}

/** The resource type that the rows of a bulk action are about. */
function resourceOfRows(
  context: CompileContext,
  operation: Operation,
  path: string,
): ResourceDefinition | undefined {
  if (operation.type !== 'bulk') return undefined;
  const first = context.manifest.actions.find(({ key }) => key === operation.actions[0])?.operation;
  return first !== undefined && 'resource' in first ? resourceOf(context, first.resource, path) : undefined;
}

function takesRows({ type }: Operation): boolean {
  return type === 'bulk' || type === 'plan';
}

/** A row that is null, such as an empty line of a sheet, fails alone, with its number, and not the rows next to it. */
function withNullRows(field: Field): Field {
  if (field.kind !== 'objects' || field.fields !== undefined) return field;
  return { ...field, schema: { ...field.schema, items: { type: ['object', 'null'] } } };
}

function isTemplate(operation: Operation): boolean {
  return operation.type === 'patch' && operation.operations !== 'given';
}

/** A default of an attribute is for forms: an omitted attribute is neither set nor searched for. */
function withoutDefault(field: Field): Field {
  const { default: _, ...schema } = field.schema;
  return field.attribute === undefined ? field : { ...field, schema };
}

const readOnlyOperations: ReadonlySet<OperationType> = new Set([
  'read',
  'search',
  'list_groups',
  'list_members',
  'plan',
  'discover',
]);

function isReadOnly({ type }: Operation): boolean {
  return readOnlyOperations.has(type);
}

const operationsWithReference: ReadonlySet<OperationType> = new Set([
  'read',
  'patch',
  'replace',
  'delete',
  'members',
  'list_groups',
  'list_members',
  'sequence',
]);

function takesReference({ type }: Operation): boolean {
  return operationsWithReference.has(type);
}

function takesResource(operation: Operation): boolean {
  return (
    operation.type === 'create' ||
    operation.type === 'replace' ||
    (operation.type === 'patch' && operation.operations === 'given')
  );
}

function readOnly(attributes: readonly ScimAttribute[]): readonly ScimAttribute[] {
  return attributes.filter(({ name, mutability }) => mutability === 'readOnly' || name === 'schemas');
}
