import type { ConnectorDefinition } from '../../connector/definition/definition.ts';
import { definitionNamed } from './definition-named.ts';
import { lambda } from './lambdas.ts';
import { helpWithLink } from './learn-more.ts';
import { batchDefinitionName, eventDefinitionName } from './object-definitions.ts';
import { code, printText, type RubyValue, symbols } from './ruby.ts';
import { eventSample } from './samples.ts';
import { streamField, webhookKey } from './stream-field.ts';
import { triggerDescription } from './texts.ts';
import {
  type OfferedTrigger,
  offeredTriggers,
  type TriggerVariant,
  variantTexts,
} from './trigger-variants.ts';

/** The polling triggers in the format of the SDK, each followed by its variants. */
export function triggerEntries(definition: ConnectorDefinition): Readonly<Record<string, RubyValue>> {
  const all = offeredTriggers(definition);
  return Object.fromEntries(
    all.map((offered, index) => [offered.key, entry(offered, definition, all.length - index)]),
  );
}

function entry(
  { key, trigger, variant }: OfferedTrigger,
  definition: ConnectorDefinition,
  priority: number,
): RubyValue {
  const { title, description } = variantTexts(trigger, variant);
  const own = parts[variant](trigger.key);
  return symbols({
    title,
    subtitle: description,
    description: lambda(['input', 'picklist_label'], triggerDescription(title, definition.title)),
    help: own.help,
    display_priority: priority,
    batch: variant === 'batch' ? true : undefined,
    config_fields: own.configFields,
    input_fields: lambda(['object_definitions'], definitionNamed(`${key}_input`)),
    webhook_key: own.webhookKey,
    // A message that is not JSON starts a poll, too.
    webhook_payload_type: own.webhookKey === undefined ? undefined : 'raw',
    poll: lambda(
      ['connection', 'input', 'closure'],
      code(`call('${own.method}', connection, ${printText(trigger.key)}, input, closure)`, [
        'connection',
        'input',
        'closure',
      ]),
    ),
    dedup: lambda(['event'], code("event['dedupeKey']", ['event'])),
    output_fields: lambda(
      ['object_definitions'],
      definitionNamed(variant === 'batch' ? batchDefinitionName(trigger) : eventDefinitionName(trigger)),
    ),
    sample_output: lambda(
      ['connection', 'input'],
      eventSample(trigger, definition, variant === 'batch' ? 'sample_batch' : 'sample_event'),
    ),
    summarize_output: variant === 'batch' ? ['events'] : undefined,
  });
}

interface VariantParts {
  readonly method: string;
  readonly help: RubyValue;
  readonly configFields?: RubyValue;
  readonly webhookKey?: RubyValue;
}

const parts: Readonly<Record<TriggerVariant, (key: string) => VariantParts>> = {
  plain: (key) => ({ method: 'poll_trigger', help: pollHelp(key) }),
  real_time: (key) => ({
    method: 'poll_real_time',
    help: lambda(
      ['input', 'picklist_label', 'connection', 'webhook_base_url'],
      helpWithLink(
        code(`call('wake_help', ${printText(key)}, input || {}, webhook_base_url)`, [
          'input',
          'webhook_base_url',
        ]),
        'triggers',
      ),
    ),
    configFields: [
      streamField(
        'Any word that identifies the sender, needed only if several senders call the webhook. It becomes part of the webhook URL, and only recipes with the same stream name poll then.',
      ),
    ],
    webhookKey: webhookKey('wake'),
  }),
  batch: (key) => ({ method: 'poll_batches', help: pollHelp(key) }),
};

function pollHelp(key: string): RubyValue {
  return lambda(
    ['input', 'picklist_label'],
    helpWithLink(code(`call('poll_help', ${printText(key)})`), 'triggers'),
  );
}
