import type { ConnectorDefinition, TriggerDefinition } from '../../connector/definition/definition.ts';
import { lambda, lambdaOf, printBody } from './lambdas.ts';
import { eventDefinitionName } from './object-definitions.ts';
import { printText, type RubyValue, symbols } from './ruby.ts';
import { eventSample } from './samples.ts';
import { triggerDescription } from './texts.ts';
import { toHtml } from './to-html.ts';

/** A trigger that polls, as the SDK describes one. */
export function triggerEntry(
  trigger: TriggerDefinition,
  definition: ConnectorDefinition,
  priority: number,
): RubyValue {
  const { key, title, description, sample } = trigger;
  return symbols({
    title,
    subtitle: description,
    description: lambda(['input', 'picklist_label'], triggerDescription(title, definition.title)),
    help: lambdaOf(
      ['input', 'picklist_label'],
      `call('poll_help', ${printBody(toHtml(description), "call('poll_help', ".length)})`,
    ),
    display_priority: priority,
    input_fields: lambdaOf(['object_definitions'], `object_definitions[${printText(`${key}_input`)}]`),
    poll: lambdaOf(
      ['connection', 'input', 'closure'],
      `call('poll_trigger', connection, ${printText(key)}, input, closure)`,
    ),
    dedup: lambdaOf(['event'], "event['dedupeKey']"),
    output_fields: lambdaOf(
      ['object_definitions'],
      `object_definitions[${printText(eventDefinitionName(trigger))}]`,
    ),
    sample_output: lambdaOf(['connection', 'input'], eventSample(sample, definition)),
  });
}
