import { attributePathOf } from '../../connector/definition/attribute-path.ts';
import type {
  ConnectorDefinition,
  ResourceDefinition,
  TriggerDefinition,
} from '../../connector/definition/definition.ts';
import { problemTexts } from '../../connector/error-texts.ts';
import { invalidInput } from '../../connector/errors.ts';
import type { EventChange, ProvisioningEvent } from '../../connector/event.ts';
import { fill } from '../../schemas/fill.ts';
import { keyOfItem } from '../../scim/canonical.ts';
import { isAtPath } from '../../scim/path.ts';
import { resourceBefore } from '../resource-before.ts';
import { hasScimId } from '../sources/sources.ts';
import type { TriggerContext, TriggerInput } from '../trigger-context.ts';
import { createScopeFilter, type ScopeFilter } from './scope-filter.ts';

/**
 * Whether an event is one that a trigger, with its input, starts with; whose it is has been looked at already.
 *
 * @example
 * ```ts
 * const pipeline = connector.eventPipeline('user_deprovisioned', {});
 * const isLeaver: Selector = await pipeline.openSelector();
 * ```
 */
export type Selector = (event: ProvisioningEvent) => boolean;

/**
 * Makes the test of what happened. Whom it happened to is another question, which the scopeFilter answers.
 *
 * @throws ConnectorError `invalid_input` when `changedAttributes` names what no resource of the trigger has.
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
    // A source may say that something was replaced without saying what: that cannot be judged, so that it passes.
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

/** Whether a side of a change has a value; one that is not known may be it. */
function hasValue(change: EventChange, side: 'from' | 'to', wanted: string): boolean {
  const isKnown = side === 'from' ? change.fromKnown : change.toKnown;
  if (!isKnown) return true;
  const value = change[side];
  return (Array.isArray(value) ? value : [value]).some((item) => item !== null && keyOfItem(item) === wanted);
}

/** The paths of attributes that may be named as forms name them: `department`. */
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
 * Makes the test of events that a source gives: whether a trigger, with its input, starts with one. Polls judge by what
 * they remember; a source's event has only what it says, and one that does not say enough passes: a false alarm is
 * looked at, a missed one is not.
 *
 * @param input fits the trigger's fields.
 * @throws ConnectorError `invalid_input`, and what the provider answers when a group has to be looked up.
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

/** An event as the provider's resources can be compared with it: an id that the sender made is none of theirs. */
function comparable(event: ProvisioningEvent): ProvisioningEvent {
  if (event.data === null || hasScimId(event)) return event;
  return { ...event, data: { ...event.data, id: '' } };
}

/** Whether the resource is, or was, one that the input asks for; also when that cannot be said. */
function mayFit(scopeFilter: ScopeFilter, definition: ResourceDefinition, event: ProvisioningEvent): boolean {
  if (scopeFilter.fits(definition, event.data) !== false) return true;
  if (event.type === 'create') return false;
  // What was changed is not said: it may be what made somebody no longer fit.
  if (event.changes.length === 0 && (event.type === 'put' || event.type === 'patch')) return true;
  const changes = event.changes.filter(({ path }) => scopeFilter.dependsOn(definition, path));
  return scopeFilter.fits(definition, resourceBefore(definition, { ...event, changes })) !== false;
}
