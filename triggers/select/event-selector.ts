import { attributePathOf } from '../../connector/definition/attribute-path.ts';
import type {
  ConnectorDefinition,
  ResourceDefinition,
  TriggerDefinition,
} from '../../connector/definition/definition.ts';
import { invalidInput } from '../../connector/errors.ts';
import type { EventChange, ProvisioningEvent } from '../../connector/event.ts';
import { problemTexts } from '../../connector/problem-texts.ts';
import { fill } from '../../schemas/fill.ts';
import { keyOfItem } from '../../scim/canonical.ts';
import { isAtPath } from '../../scim/path.ts';
import { resourceBefore } from '../resource-before.ts';
import { hasScimId } from '../sources/sources.ts';
import type { TriggerContext, TriggerInput } from '../trigger-context.ts';
import { createScopeFilter, type ScopeFilter } from './scope-filter.ts';

/**
 * Whether a trigger with its input reports an event. Its resource has been checked before.
 *
 * @example
 * ```ts
 * const pipeline = connector.eventPipeline('user_deprovisioned', {});
 * const isLeaver: Selector = await pipeline.openSelector();
 * ```
 */
export type Selector = (event: ProvisioningEvent) => boolean;

/**
 * Creates the test of an event's type and changes. The scope filter tests the resource.
 *
 * @throws ConnectorError `invalid_input` if `changedAttributes` names an attribute that no resource of the trigger has.
 */
export function createSelector(
  definition: ConnectorDefinition,
  { detect }: TriggerDefinition,
  input: TriggerInput,
): Selector {
  const { resources, types, changed, except } = detect;
  const given = input.changedAttributes as readonly string[] | undefined;
  const wanted = given === undefined ? undefined : toPaths(definition, resources, given);
  const from = input.roleFrom as string | undefined;
  const to = input.roleTo as string | undefined;

  return ({ resource, type, changes }) => {
    if (!resources.includes(resource) || !types.includes(type)) return false;
    // A source can report a replacement without the changes: this cannot be decided, so it passes.
    if (type === 'put' && changes.length === 0) return from === undefined && to === undefined;
    const ofTrigger = changed === undefined ? changes : changes.filter(({ path }) => isAtOne(path, changed));
    if (changed !== undefined && ofTrigger.length === 0) return false;
    if (except !== undefined && changes.every(({ path }) => isAtOne(path, except))) return false;
    if (wanted !== undefined && !changes.some(({ path }) => isAtOne(path, wanted))) return false;
    return (
      (from === undefined || ofTrigger.some((change) => hasValue(change, 'from', from))) &&
      (to === undefined || ofTrigger.some((change) => hasValue(change, 'to', to)))
    );
  };
}

function isAtOne(path: string, paths: readonly string[]): boolean {
  return paths.some((one) => isAtPath(path, one));
}

/** Whether a side of a change has a value; an unknown value can be it. */
function hasValue(change: EventChange, side: 'from' | 'to', wanted: string): boolean {
  const isKnown = side === 'from' ? change.fromKnown : change.toKnown;
  if (!isKnown) return true;
  const value = change[side];
  return (Array.isArray(value) ? value : [value]).some((item) => item !== null && keyOfItem(item) === wanted);
}

/** The paths of attributes, which can have the names of forms: `department`. */
function toPaths(
  { resources }: ConnectorDefinition,
  names: readonly string[],
  given: readonly string[],
): readonly string[] {
  const known = names.flatMap((name) => resources[name] ?? []);
  return given.map((wanted, index) => {
    for (const resource of known) {
      const path = attributePathOf(resource, wanted);
      if (path !== undefined) return path;
    }
    throw invalidInput([
      {
        path: `changedAttributes[${index}]`,
        message: fill(problemTexts.notAnAttribute, { resources: names.join(problemTexts.or) }),
      },
    ]);
  });
}

/**
 * Creates the test of a source's events: whether a trigger with its input reports one. Polls decide by the
 * snapshot. A source's event has only its own data, and passes if that is not enough to decide. We prefer
 * false positives: they get reviewed, missed events do not.
 *
 * @param input is valid for the trigger's fields.
 * @throws ConnectorError `invalid_input`, and the errors of a group lookup at the provider.
 */
export async function openEventSelector(
  context: TriggerContext,
  trigger: TriggerDefinition,
  input: TriggerInput,
): Promise<Selector> {
  const selects = createSelector(context.definition, trigger, input);
  const scopeFilter = await createScopeFilter(context, trigger, input);
  return (event) => {
    const definition = context.definition.resources[event.resource];
    return definition !== undefined && selects(event) && mayFit(scopeFilter, definition, comparable(event));
  };
}

/** An event in a form that can be compared with the provider's resources: the sender's own IDs are not SCIM IDs. */
function comparable(event: ProvisioningEvent): ProvisioningEvent {
  if (event.data === null || hasScimId(event)) return event;
  return { ...event, data: { ...event.data, id: '' } };
}

/** Whether the resource matches or matched the input, or whether this cannot be decided. */
function mayFit(scopeFilter: ScopeFilter, definition: ResourceDefinition, event: ProvisioningEvent): boolean {
  if (scopeFilter.fits(definition, event.data) !== false) return true;
  if (event.type === 'create') return false;
  // The changes are unknown: one of them can be the reason why the resource no longer matches.
  if (event.changes.length === 0 && (event.type === 'put' || event.type === 'patch')) return true;
  const changes = event.changes.filter(({ path }) => scopeFilter.dependsOn(definition, path));
  return scopeFilter.fits(definition, resourceBefore(definition, { ...event, changes })) !== false;
}
