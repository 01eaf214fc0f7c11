import type { ConnectorDefinition } from '../../connector/definition/definition.ts';
import { definitionNamed } from './definition-named.ts';
import type { SourceTrigger } from './event-sources.ts';
import { lambda } from './lambdas.ts';
import { helpWithLink } from './learn-more.ts';
import { batchDefinitionName, eventDefinitionName } from './object-definitions.ts';
import type { PickLists } from './pick-lists.ts';
import { sourceField, widestTrigger } from './pushed-event-entry.ts';
import { code, printText, type RubyValue, symbols } from './ruby.ts';
import { eventSample } from './samples.ts';
import { triggerDescription } from './texts.ts';
import { batchKey, variantTexts } from './trigger-variants.ts';

/** The polling trigger for the logs of event sources, and its batch variant. */
export function fetchedEventEntries(
  trigger: SourceTrigger,
  definition: ConnectorDefinition,
  pickLists: PickLists,
): Readonly<Record<string, RubyValue>> {
  return {
    [trigger.key]: entry(trigger, 'plain', definition, pickLists),
    [batchKey(trigger.key)]: entry(trigger, 'batch', definition, pickLists),
  };
}

function entry(
  trigger: SourceTrigger,
  variant: 'plain' | 'batch',
  definition: ConnectorDefinition,
  pickLists: PickLists,
): RubyValue {
  const isBatch = variant === 'batch';
  const { title, description } = variantTexts({ ...trigger, nounTitle: trigger.title }, variant);
  const widest = widestTrigger(definition);
  const method = isBatch ? 'poll_source_batches' : 'poll_source';
  return symbols({
    title,
    subtitle: description,
    description: lambda(['input', 'picklist_label'], triggerDescription(title, definition.title)),
    help: lambda(['input', 'picklist_label'], helpWithLink(code("call('fetch_help')"), 'fetched-events')),
    display_priority: 0,
    batch: isBatch ? true : undefined,
    config_fields: [sourceField(trigger, pickLists)],
    input_fields: lambda(
      ['object_definitions'],
      definitionNamed(`${isBatch ? batchKey(trigger.key) : trigger.key}_input`),
    ),
    poll: lambda(
      ['connection', 'input', 'closure'],
      code(`call(${printText(method)}, connection, input, closure)`, ['connection', 'input', 'closure']),
    ),
    dedup: lambda(['event'], code("event['dedupeKey']", ['event'])),
    output_fields: lambda(
      ['object_definitions'],
      definitionNamed(isBatch ? batchDefinitionName(widest) : eventDefinitionName(widest)),
    ),
    sample_output: lambda(
      ['connection', 'input'],
      eventSample(widest, definition, isBatch ? 'sample_batch' : 'sample_event'),
    ),
    summarize_output: isBatch ? ['events'] : undefined,
  });
}
