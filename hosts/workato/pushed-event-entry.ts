import type { ConnectorDefinition, TriggerDefinition } from '../../connector/definition/definition.ts';
import { definitionNamed } from './definition-named.ts';
import type { SourceTrigger } from './event-sources.ts';
import { includeParts, readLambda } from './include-parts.ts';
import { lambda } from './lambdas.ts';
import { helpWithLink } from './learn-more.ts';
import { eventDefinitionName } from './object-definitions.ts';
import type { PickLists } from './pick-lists.ts';
import { printData } from './print-data.ts';
import { pushedEventData } from './pushed-event-data.ts';
import { code, type RubyValue, symbols } from './ruby.ts';
import { eventSample } from './samples.ts';
import { streamField, webhookKey } from './stream-field.ts';
import { triggerDescription } from './texts.ts';
import { withoutComments } from './without-comments.ts';

/** The webhook trigger: the source, and the stream name if there are several senders, select the recipe. */
export function pushedEventEntry(
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
    help: lambda(
      ['input', 'picklist_label', 'connection', 'webhook_base_url'],
      helpWithLink(
        code("call('push_help', input || {}, webhook_base_url)", ['input', 'webhook_base_url']),
        'push-events',
      ),
    ),
    display_priority: 0,
    config_fields: [
      sourceField(trigger, pickLists),
      streamField(
        'Any word that identifies this sender, needed only if several senders use the same event source. It becomes part of the webhook URL, and only recipes with the same stream name receive these events.',
      ),
    ],
    input_fields: lambda(['object_definitions'], definitionNamed(`${key}_input`)),
    webhook_key: webhookKey("#{input['source']}"),
    webhook_payload_type: 'raw',
    webhook_notification: notification(definition),
    dedup: lambda(['event'], code("event['dedupeKey']", ['event'])),
    output_fields: lambda(['object_definitions'], definitionNamed(eventDefinitionName(widest))),
    sample_output: lambda(['connection', 'input'], eventSample(widest, definition)),
  });
}

function notification(definition: ConnectorDefinition): RubyValue {
  const { comment, body } = readLambda('webhooks/pushed');
  const json = printData(pushedEventData(definition)).replace(/^/gm, '    ');
  const names = '|input, payload, _input_schema, _output_schema, headers, _params, connection|';
  return code(
    `lambda do ${names}\n${comment.replace(/^(?=#)/gm, '  ')}  data = parse_json(<<~'JSON')\n${json}\n  JSON\n${withoutComments(includeParts(body))}\nend`,
  );
}

/** The field that selects the source of a trigger. */
export function sourceField({ key, sources }: SourceTrigger, pickLists: PickLists): RubyValue {
  return symbols({
    name: 'source',
    label: 'Event source',
    optional: false,
    type: 'string',
    control_type: 'select',
    pick_list: pickLists.nameOfOptions(
      key.replace('event', 'source'),
      sources.map(({ title: label, type }) => ({ title: label, value: type })),
    ),
    hint: 'Source whose events trigger the recipe. Set its secrets in the connection.',
  });
}

/** The trigger whose events cover the most resource types. */
export function widestTrigger({ triggers }: ConnectorDefinition): TriggerDefinition {
  const [first, ...others] = triggers;
  if (first === undefined) throw new Error('The manifest declares no trigger.');
  return others.reduce(
    (widest, one) => (one.detect.resources.length > widest.detect.resources.length ? one : widest),
    first,
  );
}
