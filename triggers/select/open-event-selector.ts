import type { ResourceDefinition, TriggerDefinition } from '../../connector/definition/definition.ts';
import type { ProvisioningEvent } from '../../connector/event.ts';
import { resourceBefore } from '../resource-before.ts';
import { hasScimId } from '../sources/sources.ts';
import type { TriggerContext, TriggerInput } from '../trigger-context.ts';
import { createSelector, type Selector } from './create-selector.ts';
import { createScopeFilter, type ScopeFilter } from './scope-filter.ts';

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
