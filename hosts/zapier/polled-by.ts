import type { Field, TriggerDefinition } from '../../connector/definition/definition.ts';
import { changeCriteria } from '../../triggers/select/event-selector.ts';

/**
 * How a trigger can poll without a memory: Zapier has none that lasts, but it knows the IDs of the events of earlier
 * polls. `created`: each resource is an event. `modified`: each resource is an event again with each time of its last
 * change. Undefined: its events cannot be seen in the resources as they are, such as a deletion.
 */
export function polledBy({ detect }: TriggerDefinition): 'created' | 'modified' | undefined {
  const { resources, types, changed, except } = detect;
  if (resources.length !== 1 || changed !== undefined || except !== undefined) return undefined;
  if (types.every((type) => type === 'create')) return 'created';
  return types.every((type) => type === 'patch' || type === 'put') ? 'modified' : undefined;
}

/** The key of the polling variant of a trigger, which also has an instant one. */
export function polledKey({ key }: TriggerDefinition): string {
  return `${key}_poll`;
}

/** The fields of an instant trigger: those that are not about polling. */
export function instantFields({ fields }: TriggerDefinition): readonly Field[] {
  return fields.filter(({ polling }) => !polling);
}

/** The fields of a polling trigger: those about the resource. Which of its attributes changed is unknown. */
export function polledFields(trigger: TriggerDefinition): readonly Field[] {
  return instantFields(trigger).filter(({ key }) => !changeCriteria.includes(key));
}
