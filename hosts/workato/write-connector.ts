import type { ConnectorDefinition } from '../../connector/definition/definition.ts';
import { readTextAsset } from '../read-asset.ts';
import { actionEntry } from './action-entry.ts';
import { connectionField, connectionFields } from './connection-fields.ts';
import { lambda } from './lambdas.ts';
import { objectDefinitions } from './object-definitions.ts';
import { createPickLists, type PickLists } from './pick-lists.ts';
import { printData } from './print-data.ts';
import { pushedEventEntry, webhookKeys } from './pushed-event-entry.ts';
import { hasPushedEvent, pushedEventKey } from './pushed-sources.ts';
import { code, printRuby, type RubyValue, symbols } from './ruby.ts';
import { runTimeData } from './run-time-data.ts';
import { triggerEntry } from './trigger-entry.ts';
import { withoutComments } from './without-comments.ts';

/** The Ruby run-time, in the order in which it is read: a file of methods for each concern. */
const methodFiles = [
  'actions',
  'bulk',
  'polls',
  'snapshots',
  'selections',
  'lists',
  'scim',
  'filters',
  'http',
  'answers',
  'values',
  'failures',
  'fields',
];

const banner = `# frozen_string_literal: true

# Made by \`rolecall package workato\` from its manifest: change that, and make this file again. The methods are the same
# for every manifest; in the source of rolecall, under hosts/workato, each of them is explained.
`;

/** The connector as one Ruby file: a hash, as Workato's Connector SDK takes it. */
export function writeConnector(definition: ConnectorDefinition): string {
  const pickLists = createPickLists();
  const { actions, triggers } = definition;
  const connector = symbols({
    title: definition.title,
    connection: connection(definition),
    test: lambda(['connection'], code("call('test_connection', connection)", ['connection'])),
    actions: symbols(
      Object.fromEntries(
        actions.map((action, index) => [
          action.key,
          actionEntry(action, definition, pickLists, actions.length - index),
        ]),
      ),
    ),
    webhook_keys: hasPushedEvent(definition) ? webhookKeys : undefined,
    triggers: symbols({
      ...Object.fromEntries(
        triggers.map((trigger, index) => [
          trigger.key,
          triggerEntry(trigger, definition, triggers.length - index),
        ]),
      ),
      ...(hasPushedEvent(definition) && { [pushedEventKey]: pushedEventEntry(definition, pickLists) }),
    }),
    object_definitions: objectDefinitions(definition, pickLists),
    // Read only now, when every field that has one has been rendered.
    pick_lists: pickListEntries(pickLists),
    methods: code(`{\n${methods(definition)}\n}`),
  });
  return `${banner}\n${printRuby(connector)}\n`;
}

function connection(definition: ConnectorDefinition): RubyValue {
  return symbols({
    fields: connectionFields(definition).map(connectionField),
    authorization: symbols({
      type: 'custom_auth',
      apply: lambda(
        ['connection'],
        code("headers('Authorization' => \"Bearer #{connection['token']}\")", ['connection']),
      ),
    }),
    // Addresses are joined to it as a browser joins a link, so that it must end with a slash.
    base_uri: lambda(
      ['connection'],
      code("\"#{connection['baseUrl'].to_s.strip.sub(%r{/+\\z}, '')}/\"", ['connection']),
    ),
  });
}

function pickListEntries(pickLists: PickLists): RubyValue {
  return symbols(
    Object.fromEntries(
      [...pickLists.all()].map(([name, options]) => [
        name,
        lambda(
          ['connection'],
          options.map(({ title, value }) => [title, value]),
        ),
      ]),
    ),
  );
}

/** The generated data, and the run-time: each of its files is a hash whose entries become methods. */
function methods(definition: ConnectorDefinition): string {
  const json = printData(runTimeData(definition)).replace(/^/gm, '      ');
  const data = `  # What the manifest declares.\n  definition: lambda do\n    parse_json(<<~'JSON')\n${json}\n    JSON\n  end`;
  const samples = Object.fromEntries(
    Object.values(definition.resources).map(({ name, sample }) => [name, sample as RubyValue]),
  );
  const sampleOf = `  sample_of: lambda do |name|\n    ${printRuby(samples, 4)}[name]\n  end`;
  const parts = methodFiles.map((name) => methodsOf(readTextAsset(`hosts/workato/methods/${name}.rb`)));
  return [data, sampleOf, ...parts].join(',\n\n');
}

/** What stands between the outer braces of a file of methods, with the comment that heads it. */
function methodsOf(text: string): string {
  const [, comment = '', body = ''] =
    /^# frozen_string_literal: true\n\n((?:#.*\n)*)\{\n(.*)\n\}\n$/s.exec(text) ?? [];
  return `${comment.trimEnd().replace(/^/gm, '  ')}\n\n${withoutComments(body)}`;
}
