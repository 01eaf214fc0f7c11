import type { ConnectorDefinition, TriggerDefinition } from '../../connector/definition/definition.ts';
import { toHtml } from '../kit/to-html.ts';
import { definitionNamed } from './definition-named.ts';
import { lambda, printBody } from './lambdas.ts';
import { eventDefinitionName } from './object-definitions.ts';
import { code, printText, type RubyValue, symbols } from './ruby.ts';
import { eventSample } from './samples.ts';
import { triggerDescription } from './texts.ts';

/** A polling trigger in the format of the SDK. */
export function triggerEntry(
  trigger: TriggerDefinition,
  definition: ConnectorDefinition,
  priority: number,
): RubyValue {
  const { key, nounTitle: title, description, sample } = trigger;
  return symbols({
    title,
    subtitle: description,
    description: lambda(['input', 'picklist_label'], triggerDescription(title, definition.title)),
    help: lambda(
      ['input', 'picklist_label'],
      code(`call('poll_help', ${printBody(toHtml(description), "call('poll_help', ".length)})`),
    ),
    display_priority: priority,
    input_fields: lambda(['object_definitions'], definitionNamed(`${key}_input`)),
    poll: lambda(
      ['connection', 'input', 'closure'],
      code(`call('poll_trigger', connection, ${printText(key)}, input, closure)`, [
        'connection',
        'input',
        'closure',
      ]),
    ),
    dedup: lambda(['event'], code("event['dedupeKey']", ['event'])),
    output_fields: lambda(['object_definitions'], definitionNamed(eventDefinitionName(trigger))),
    sample_output: lambda(['connection', 'input'], eventSample(sample, definition)),
  });
}
