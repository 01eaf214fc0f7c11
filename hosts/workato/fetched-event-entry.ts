import type { ConnectorDefinition } from '../../connector/definition/definition.ts';
import { definitionNamed } from './definition-named.ts';
import type { SourceTrigger } from './event-sources.ts';
import { lambda } from './lambdas.ts';
import { helpWithLink } from './learn-more.ts';
import { eventDefinitionName } from './object-definitions.ts';
import type { PickLists } from './pick-lists.ts';
import { sourceField, widestTrigger } from './pushed-event-entry.ts';
import { code, type RubyValue, symbols } from './ruby.ts';
import { eventSample } from './samples.ts';
import { triggerDescription } from './texts.ts';

/** The polling trigger for the logs of event sources. */
export function fetchedEventEntry(
  trigger: SourceTrigger,
  definition: ConnectorDefinition,
  pickLists: PickLists,
): RubyValue {
  const { key, title, description: subtitle } = trigger;
  const widest = widestTrigger(definition);
  return symbols({
    title,
    subtitle,
    description: lambda(['input', 'picklist_label'], triggerDescription(title, definition.title)),
    help: lambda(['input', 'picklist_label'], helpWithLink(code("call('fetch_help')"), 'fetched-events')),
    display_priority: 0,
    config_fields: [sourceField(trigger, pickLists)],
    input_fields: lambda(['object_definitions'], definitionNamed(`${key}_input`)),
    poll: lambda(
      ['connection', 'input', 'closure'],
      code("call('poll_source', connection, input, closure)", ['connection', 'input', 'closure']),
    ),
    dedup: lambda(['event'], code("event['dedupeKey']", ['event'])),
    output_fields: lambda(['object_definitions'], definitionNamed(eventDefinitionName(widest))),
    sample_output: lambda(['connection', 'input'], eventSample(widest.sample, definition)),
  });
}
