import type {
  ActionDefinition,
  ConnectorDefinition,
  Field,
  ResourceDefinition,
  TriggerDefinition,
} from '../../connector/definition/definition.ts';
import { dryRunDefinition } from '../../connector/definition/dry-run.ts';
import { type BulkForm, formTraits, resourceOfAction } from '../kit/form-traits.ts';
import { toHtml } from '../kit/to-html.ts';
import { definitionNamed } from './definition-named.ts';
import { eventPills } from './event-pills.ts';
import { safeguardFields, sourceTriggers } from './event-sources.ts';
import { inputField, labelOf, type RenderContext, referenceWays } from './input-field.ts';
import { lambdaOfSum } from './lambdas.ts';
import { outputFields } from './output-fields.ts';
import type { PickLists } from './pick-lists.ts';
import { code, printText, type RubyValue, symbols } from './ruby.ts';
import { snakeCase } from './snake-case.ts';
import { sourceForm } from './source-form.ts';
import { batchKey, batchSizeField, offeredTriggers } from './trigger-variants.ts';

/** The object definitions: first the shared parts of actions and triggers, then the form of each. */
export function objectDefinitions(definition: ConnectorDefinition, pickLists: PickLists): RubyValue {
  const shared = sharedForm('common_fields', ownFields(definition));
  const ofTriggers = sharedForm(
    'trigger_fields',
    definition.triggers.flatMap(({ fields: own }) => own),
  );
  return symbols({
    ...Object.assign({}, ...Object.values(definition.resources).map((one) => ofResource(one, pickLists))),
    ...eventForms(definition),
    dry_run: fields([dryRunOutput(definition)]),
    ...Object.fromEntries(
      [shared, ofTriggers]
        .filter((form) => form.fields.length > 0)
        .map((form) => [form.name, fields([form.fields.map((field) => inputField(field, { pickLists }))])]),
    ),
    ...Object.fromEntries(
      definition.actions.map((action) => [
        `${action.key}_input`,
        fields(actionForm(action, definition, shared, pickLists)),
      ]),
    ),
    ...Object.fromEntries(
      offeredTriggers(definition).map(({ key, trigger, variant }) => [
        `${key}_input`,
        fields([
          ...(variant === 'batch' ? [batchSize(pickLists)] : []),
          ...(variant === 'plain'
            ? triggerForm(trigger.fields, ofTriggers, pickLists)
            : [definitionNamed(`${trigger.key}_input`)]),
        ]),
      ]),
    ),
    ...Object.fromEntries(
      sourceTriggers(definition).flatMap((trigger) => {
        const name = `${trigger.key}_input`;
        const form = fields([sourceForm(trigger, safeguardFields(definition), { pickLists })]);
        const inBatches = fields([batchSize(pickLists), definitionNamed(name)]);
        const hasBatches = trigger.key === 'fetched_event';
        return [[name, form], ...(hasBatches ? [[`${batchKey(trigger.key)}_input`, inBatches]] : [])];
      }),
    ),
  });
}

/** The name of the object definition of a trigger's events. Triggers with the same resource types share it. */
export function eventDefinitionName({ output, key }: TriggerDefinition): string {
  return snakeCase(output['x-name'] ?? `${key}_event`);
}

/** The name of the object definition of a batch of a trigger's events. */
export function batchDefinitionName(trigger: TriggerDefinition): string {
  return `${eventDefinitionName(trigger)}_batch`;
}

/** The datapills of events, which differ only in the resource. */
function eventForms({ triggers, resources }: ConnectorDefinition): Record<string, RubyValue> {
  const render = ({ output, sample }: TriggerDefinition, isData: boolean): RubyValue => {
    const { properties = {} } = output;
    const some = Object.entries(properties).filter(([name]) => (name === 'data') === isData);
    const schema = { ...output, 'x-name': '', properties: Object.fromEntries(some) };
    return outputFields(schema, sample, Object.values(resources));
  };
  const [first] = triggers;
  if (first === undefined) return {};
  return {
    event: fields([render(first, false)]),
    ...Object.fromEntries(
      triggers.flatMap((trigger) => {
        const name = eventDefinitionName(trigger);
        const pills = eventPills(trigger.detect.resources.flatMap((one) => resources[one] ?? []));
        return [
          [name, fields([definitionNamed('event'), pills, render(trigger, true)])],
          [batchDefinitionName(trigger), fields([batchPills(name)])],
        ];
      }),
    ),
  };
}

function batchSize(pickLists: PickLists): readonly RubyValue[] {
  return [inputField(batchSizeField, { pickLists })];
}

function batchPills(event: string): readonly RubyValue[] {
  return [
    symbols({
      name: 'events',
      label: 'Events',
      type: 'array',
      of: 'object',
      properties: definitionNamed(event),
    }),
    symbols({ name: 'count', label: 'Number of events', type: 'integer' }),
    symbols({ name: 'dedupeKey', label: 'Deduplication key', type: 'string' }),
  ];
}

// All have arguments, even unused ones: adding the first argument to a form later breaks running recipes.
function fields(parts: readonly RubyValue[]): RubyValue {
  return symbols({ fields: lambdaOfSum(['connection', 'config_fields', 'object_definitions'], parts) });
}

function ofResource(resource: ResourceDefinition, pickLists: PickLists): Record<string, RubyValue> {
  const name = snakeCase(resource.name);
  const context: RenderContext = { pickLists, resource: resource.name };
  const providers = (direction: 'sent' | 'received'): RubyValue =>
    code(`call('provider_fields', connection, ${printText(resource.name)}, ${printText(direction)})`, [
      'connection',
    ]);
  return {
    // The datapills of its schemas, followed by the provider's own.
    [name]: fields([code(`call('resource_fields', ${printText(resource.name)})`), providers('received')]),
    [`${name}_attributes`]: fields([
      resource.fields.map((field) => inputField(field, context)),
      providers('sent'),
    ]),
    [`${name}_reference`]: fields([
      referenceWays(resource.reference, context, pickLists.nameOfResources(resource)),
    ]),
  };
}

/**
 * The datapills of a dry run, in one object: some of their names are those of other outputs. The body of a request is
 * text, because a step renames the attributes of an object.
 */
function dryRunOutput({ resources }: ConnectorDefinition): readonly RubyValue[] {
  const { output, field } = dryRunDefinition;
  const { dryRun: _, ...properties } = output.properties ?? {};
  const shown = outputFields({ ...output, properties }, undefined, Object.values(resources));
  return [symbols({ name: field.key, label: field.title, type: 'object', properties: shown })];
}

/** The form of an action: the attributes of its resource by reference, and its own fields. */
function actionForm(
  action: ActionDefinition,
  definition: ConnectorDefinition,
  shared: SharedForm,
  pickLists: PickLists,
): readonly RubyValue[] {
  const { bulk } = formTraits(action);
  const resource = resourceOfAction(action, definition);
  const form = fieldsOf(action).filter((field) => field !== bulk?.selector);
  const parts: RubyValue[] = [];
  for (let at = 0; at < form.length; ) {
    const rest = form.slice(at);
    const attributes = resource === undefined ? 0 : countOfAttributes(rest, resource);
    if (resource !== undefined && attributes > 1) {
      parts.push(attributesOf(rest.slice(0, attributes), resource, action.takesResource));
      at += attributes;
    } else {
      const own = countOfOwn(rest, resource);
      const render = (one: Field): RubyValue =>
        ownField(one, bulk, action, { pickLists, resource: resource?.name });
      parts.push(...ownParts(rest.slice(0, own), shared, render));
      at += own;
    }
  }
  return parts;
}

/** The fields of an action, and the switch of its dry run. */
function fieldsOf({ fields: own, dryRun }: ActionDefinition): readonly Field[] {
  return dryRun === undefined ? own : [...own, dryRun.field];
}

/** The number of leading fields that match the form of the resource. */
function countOfAttributes(form: readonly Field[], { fields: known }: ResourceDefinition): number {
  const end = form.findIndex((field) => !known.some((one) => isSameField(one, field)));
  return end < 0 ? form.length : end;
}

function countOfOwn(form: readonly Field[], resource: ResourceDefinition | undefined): number {
  if (resource === undefined) return form.length;
  const end = form.findIndex((_, at) => at > 0 && countOfAttributes(form.slice(at), resource) > 1);
  return end < 0 ? form.length : end;
}

/** The keys of fields as arguments, broken over several lines if necessary. */
function printArguments(form: readonly Field[]): string {
  const keys = form.map(({ key }) => printText(key));
  const line = keys.join(', ');
  return line.length <= 60 ? line : `\n  ${keys.join(',\n  ')}\n`;
}

function isSameField(one: Field, other: Field): boolean {
  return one.key === other.key && one.attribute === other.attribute && one.advanced === other.advanced;
}

function attributesOf(form: readonly Field[], resource: ResourceDefinition, isWhole: boolean): RubyValue {
  const only = isWhole && form.length === resource.fields.length ? '' : `.only(${printArguments(form)})`;
  const required = form.filter((field) => field.required).map(({ key }) => printText(key));
  const needed = required.length === 0 ? '' : `.required(${required.join(', ')})`;
  return definitionNamed(`${snakeCase(resource.name)}_attributes`, `${only}${needed}`);
}

/** What fits into the state that a step keeps between its runs: see docs/hosts/workato.md. */
const fittingRows =
  'One step has room for about 1,300 rows, or 11,000 if the provider supports bulk requests. Rows that it does not reach are reported.';

function ownField(
  field: Field,
  bulk: BulkForm | undefined,
  action: ActionDefinition,
  context: RenderContext,
): RubyValue {
  if (field !== bulk?.rows) return inputField(field, context);
  // The rows have the form of the action that was selected.
  const selected = `config_fields[${printText(bulk.selector.key)}]`;
  // The dry run is of the whole action, not of a row.
  const own = `.ignored(${printText(dryRunDefinition.field.key)})`;
  return symbols({
    name: field.key,
    label: labelOf(field),
    optional: !field.required,
    hint: toHtml(`${field.help} ${fittingRows}`),
    type: 'array',
    of: 'object',
    properties: code(`object_definitions[call('row_form', ${printText(action.key)}, ${selected})]${own}`, [
      'config_fields',
      'object_definitions',
    ]),
  });
}

/** The fields of actions, in addition to the attributes of their resource. */
function ownFields(definition: ConnectorDefinition): readonly Field[] {
  return definition.actions.flatMap((action) => {
    const resource = resourceOfAction(action, definition);
    return fieldsOf(action).filter(
      (field) => resource?.fields.some((one) => isSameField(one, field)) !== true,
    );
  });
}

/** The shared form of several forms: for each key, the most common field. */
interface SharedForm {
  readonly name: string;
  readonly fields: readonly Field[];
}

function sharedForm(name: string, all: readonly Field[]): SharedForm {
  const counts = new Map<string, { readonly field: Field; count: number }>();
  for (const field of all) {
    const content = JSON.stringify(field);
    const known = counts.get(content);
    if (known === undefined) counts.set(content, { field, count: 1 });
    else known.count += 1;
  }
  const shared = new Map<string, Field>();
  for (const { field, count } of [...counts.values()].sort((one, other) => other.count - one.count))
    if (count > 1 && !shared.has(field.key)) shared.set(field.key, field);
  return { name, fields: [...shared.values()] };
}

function isEqualField(one: Field, other: Field): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** Fields in order; shared ones by reference. */
function ownParts(
  form: readonly Field[],
  shared: SharedForm,
  render: (field: Field) => RubyValue,
): readonly RubyValue[] {
  const isShared = (field: Field): boolean => shared.fields.some((one) => isEqualField(one, field));
  const runs: Field[][] = [];
  for (const field of form) {
    const last = runs.at(-1);
    if (last?.[0] !== undefined && isShared(last[0]) === isShared(field)) last.push(field);
    else runs.push([field]);
  }
  return runs.map((run) =>
    run[0] !== undefined && isShared(run[0])
      ? definitionNamed(shared.name, `.only(${printArguments(run)})`)
      : run.map(render),
  );
}

function triggerForm(form: readonly Field[], shared: SharedForm, pickLists: PickLists): readonly RubyValue[] {
  return ownParts(form, shared, (field) => inputField(field, { pickLists }));
}
