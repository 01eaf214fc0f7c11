import { defineField } from '../../connector/definition/define-field.ts';
import type { ConnectorDefinition, Field, TriggerDefinition } from '../../connector/definition/definition.ts';

/** The forms in which a polling trigger is offered. */
export type TriggerVariant = 'plain' | 'real_time' | 'batch';

/** A trigger of the connector: one of the manifest, or a variant of one. */
export interface OfferedTrigger {
  /** The key of the manifest for the plain one. */
  readonly key: string;
  readonly trigger: TriggerDefinition;
  readonly variant: TriggerVariant;
}

/** The polling triggers in the order in which Workato lists them, each followed by its variants. */
export function offeredTriggers({
  triggers,
}: Pick<ConnectorDefinition, 'triggers'>): readonly OfferedTrigger[] {
  const variants = ['real_time', 'batch'] as const;
  return triggers.flatMap((trigger) => [
    { key: trigger.key, trigger, variant: 'plain' as const },
    ...variants
      .map((variant) => ({ key: `${trigger.key}_${variant}`, trigger, variant }))
      // A trigger of the manifest keeps its key.
      .filter(({ key }) => triggers.every((one) => one.key !== key)),
  ]);
}

/** The key of the batch variant of a trigger. */
export function batchKey(key: string): string {
  return `${key}_batch`;
}

/** The title and the description of a variant. */
export function variantTexts(
  { nounTitle, description }: Pick<TriggerDefinition, 'nounTitle' | 'description'>,
  variant: TriggerVariant,
): { readonly title: string; readonly description: string } {
  switch (variant) {
    case 'plain':
      return { title: nounTitle, description };
    case 'real_time':
      return {
        title: `${nounTitle} (real-time)`,
        description: `${description} Polls as soon as the provider calls a webhook.`,
      };
    case 'batch':
      return { title: `${nounTitle} (batch)`, description: `${description} One job gets a list of events.` };
  }
}

/** The size of a batch. */
export const batchSizeField: Field = defineField(
  {
    key: 'batch_size',
    title: 'Batch size',
    help: 'Maximum number of events in one job.',
    type: 'integer',
    minimum: 1,
    // No poll returns more: `most_events` in methods/polls.rb.
    maximum: 1000,
    default: 100,
  },
  {},
);
