import type {
  ActionDefinition,
  ConnectorDefinition,
  ResourceDefinition,
} from '../../connector/definition/definition.ts';
import { readTextAsset } from '../read-asset.ts';
import { connectionField, connectionFields } from './connection-fields.ts';
import { type DrawingContext, inputField } from './input-field.ts';
import { outputFields } from './output-fields.ts';
import { createPickLists, type PickLists } from './pick-lists.ts';
import { printData } from './print-data.ts';
import { code, indent, printRuby, printText, type RubyValue, symbols } from './ruby.ts';
import { runTimeData, takesResource } from './run-time-data.ts';
import { snakeCase } from './snake-case.ts';
import { toHtml } from './to-html.ts';

/** The Ruby run-time, in the order in which it is read: one file of methods for each concern. */
const methodFiles = [
  'actions',
  'bulk',
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

# Made by \`rolecall package workato\` from its manifest: change that, and make this file again.
`;

/** The connector as one Ruby file: a hash, as Workato's Connector SDK takes it. */
export function writeConnector(definition: ConnectorDefinition): string {
  const pickLists = createPickLists();
  const connector = symbols({
    title: definition.title,
    connection: connection(definition),
    test: code('lambda do |connection|\n  call(\'test_connection\', connection)\nend'),
    actions: symbols(
      Object.fromEntries(
        definition.actions.map((action, index) => [
          action.key,
          actionHash(action, definition, pickLists, definition.actions.length - index),
        ]),
      ),
    ),
    object_definitions: objectDefinitions(definition, pickLists),
    pick_lists: pickListLambdas(pickLists),
    methods: code(`{\n${methods(definition)}\n}`),
  });
  return `${banner}\n${printRuby(connector)}\n`;
}

function connection(definition: ConnectorDefinition): RubyValue {
  return symbols({
    fields: connectionFields(definition).map(connectionField),
    authorization: symbols({
      type: 'custom_auth',
      apply: code(`lambda do |connection|
  headers('Authorization' => "Bearer #{connection['token']}")
end`),
    }),
    // Addresses are joined to it as a browser joins a link, so that it must end with a slash.
    base_uri: code(`lambda do |connection|
  "#{connection['baseUrl'].to_s.strip.sub(%r{/+\\z}, '')}/"
end`),
  });
}

function actionHash(
  action: ActionDefinition,
  { title: connector, resources }: ConnectorDefinition,
  pickLists: PickLists,
  priority: number,
): RubyValue {
  const { key, title, description, operation, output, sample } = action;
  const configFields = operation.type === 'bulk' ? action.fields.filter(isRowAction) : [];
  return symbols({
    title,
    subtitle: description,
    description: descriptionOf(title, connector),
    help: code(`lambda do |_input, _picklist_label|\n  ${indent(printRuby(helpOf(action), 2), 0)}\nend`),
    display_priority: priority,
    ...(operation.type === 'bulk' && { batch: true }),
    ...(configFields.length > 0 && {
      config_fields: configFields.map((field) => inputField({ ...field, required: true }, { pickLists, isStatic: true })),
    }),
    input_fields: code(`lambda do |object_definitions|\n  object_definitions[${printText(`${key}_input`)}]\nend`),
    execute: code(
      `lambda do |connection, input, _input_schema, _output_schema|\n  call('run_action', connection, ${printText(key)}, input)\nend`,
    ),
    output_fields: lambdaOf(
      '_object_definitions',
      outputFields(output, sample, Object.values(resources)),
    ),
    sample_output: sampleLambda(action, resources),
    ...summaries(action),
  });
}

function isRowAction({ key }: { readonly key: string }): boolean {
  return key === 'action';
}

function lambdaOf(argument: string, value: RubyValue): RubyValue {
  const text = printRuby(value, 2);
  const name = text.includes('object_definitions[') ? argument.replace(/^_/, '') : argument;
  return code(`lambda do |${name}|\n  ${text}\nend`);
}

function sampleLambda(
  { operation, sample }: ActionDefinition,
  resources: Readonly<Record<string, ResourceDefinition>>,
): RubyValue {
  const resource = 'resource' in operation ? resources[operation.resource] : undefined;
  if (resource === undefined) return lambdaWithout(sample as RubyValue);
  const call = code(`call('sample_of', ${printText(resource.name)})`);
  if (sample === resource.sample) return lambdaWithout(call);
  if (operation.type !== 'search') return lambdaWithout(sample as RubyValue);
  return lambdaWithout({ ...(sample as Record<string, RubyValue>), resources: [call] });
}

function lambdaWithout(value: RubyValue): RubyValue {
  return code(`lambda do |_connection, _input|\n  ${printRuby(value, 2)}\nend`);
}

/** "Create <span>user</span> in <span>SCIM provisioning</span>", as Workato shows a step in a recipe. */
function descriptionOf(title: string, connector: string): RubyValue {
  const [verb = '', ...rest] = title.split(' ');
  const span = (text: string): string => `<span class="provider">${toHtml(text)}</span>`;
  const what = rest.length === 0 ? span(verb) : `${toHtml(verb)} ${span(rest.join(' '))}`;
  const text = printRuby(`${what} in ${span(connector)}`, 2);
  return code(`lambda do |_input, _picklist_label|\n  ${text}\nend`);
}

function helpOf({ description, safeToRepeat, operation, fields }: ActionDefinition): string {
  const repeat = safeToRepeat
    ? 'Running the step again with the same input does no harm.'
    : 'Running the step again may fail, or do it twice.';
  const clear = fields.some(({ schema }) => Array.isArray(schema.type) && schema.type.includes('null'))
    ? ' To take a value away, switch its field to formula mode and enter <b>clear</b>; a field left empty is not changed.'
    : '';
  const nothing =
    operation.type === 'read' && operation.onMissing === 'null'
      ? ' When there is none, the output is empty: check whether its ID is present.'
      : '';
  return `${toHtml(description)} ${repeat}${clear}${nothing}`;
}

/** Long lists are shown as counts in the job report. */
function summaries({ operation, fields }: ActionDefinition): Readonly<Record<string, RubyValue>> {
  const lists = fields.filter(({ kind }) => kind === 'objects' || kind === 'references').map(({ key }) => key);
  if (operation.type === 'search') return { summarize_output: ['resources'] };
  if (operation.type === 'bulk') return { summarize_input: lists, summarize_output: ['results'] };
  return {};
}

function objectDefinitions(definition: ConnectorDefinition, pickLists: PickLists): RubyValue {
  const resources = Object.values(definition.resources);
  return symbols({
    ...Object.fromEntries(
      resources.flatMap((resource) => {
        const name = snakeCase(resource.name);
        const context = { pickLists, resource: resource.name };
        return [
          [name, fieldsOf(resourceFields(resource))],
          [`${name}_attributes`, fieldsOf(attributeFields(resource, context))],
          [`${name}_reference`, fieldsOf([inputField(resource.reference, context)])],
        ];
      }),
    ),
    ...Object.fromEntries(
      definition.actions.map((action) => [
        `${action.key}_input`,
        fieldsOf(actionInput(action, definition, pickLists)),
      ]),
    ),
  });
}

interface Lambda {
  readonly text: string;
  /** Which of the arguments it uses. */
  readonly uses: readonly ('connection' | 'config_fields' | 'object_definitions')[];
}

function fieldsOf(value: RubyValue | Lambda): RubyValue {
  const { text, uses } = isLambda(value) ? value : { text: printRuby(value, 2), uses: [] };
  const used = (name: 'connection' | 'config_fields' | 'object_definitions'): string =>
    uses.includes(name) ? name : `_${name}`;
  const names = `${used('connection')}, ${used('config_fields')}, ${used('object_definitions')}`;
  return symbols({ fields: code(`lambda do |${names}|\n  ${text}\nend`) });
}

function isLambda(value: RubyValue | Lambda): value is Lambda {
  return typeof value === 'object' && value !== null && 'uses' in value && 'text' in value;
}

/** The datapills of a resource: its schemas say them, and the provider's own. */
function resourceFields({ name }: ResourceDefinition): Lambda {
  const call = `call('resource_fields', ${printText(name)}) + call('provider_fields', connection, ${printText(name)}, 'received')`;
  return { text: call, uses: ['connection'] };
}

/** The form of a resource, and after its fields those of the provider's own extensions. */
function attributeFields({ name, fields }: ResourceDefinition, context: DrawingContext): Lambda {
  const own = printRuby(
    fields.map((field) => inputField(field, context)),
    2,
  );
  return { text: `${own} + call('provider_fields', connection, ${printText(name)}, 'sent')`, uses: ['connection'] };
}

/** The form of an action: the attributes of its resource by reference, and what it has of its own. */
function actionInput(
  action: ActionDefinition,
  { resources, actions }: ConnectorDefinition,
  pickLists: PickLists,
): RubyValue | Lambda {
  const { fields, operation } = action;
  const resource = 'resource' in operation ? resources[operation.resource] : undefined;
  const parts: string[] = [];
  let own: RubyValue[] = [];
  const flush = (): void => {
    if (own.length > 0) parts.push(printRuby(own, 2));
    own = [];
  };
  for (let at = 0; at < fields.length; at += 1) {
    const field = fields[at];
    if (field === undefined || (operation.type === 'bulk' && isRowAction(field))) continue;
    const run = resource === undefined ? 0 : runOfAttributes(fields.slice(at), resource);
    if (resource !== undefined && field === resource.reference) {
      flush();
      parts.push(`object_definitions[${printText(`${snakeCase(resource.name)}_reference`)}]`);
    } else if (resource !== undefined && run > 1) {
      flush();
      parts.push(attributesOf(fields.slice(at, at + run), resource, takesResource(operation)));
      at += run - 1;
    } else if (operation.type === 'bulk' && field.kind === 'objects' && field.fields === undefined) {
      flush();
      parts.push(rowsOf(field.key, field.title, field.help, field.required, operation.actions[0] ?? '', actions));
    } else own.push(inputField(field, { pickLists, resource: resource?.name }));
  }
  flush();
  if (parts.length === 0) return [];
  const text = parts.join(' +\n    ');
  const uses: Lambda['uses'] = [
    ...(text.includes("config_fields['action']") ? (['config_fields'] as const) : []),
    ...(text.includes('object_definitions[') ? (['object_definitions'] as const) : []),
  ];
  return { text, uses };
}

/** How many fields from the first on are those of the resource, as its own form has them. */
function runOfAttributes(fields: ActionDefinition['fields'], { fields: known }: ResourceDefinition): number {
  const end = fields.findIndex(
    (field) =>
      !known.some(
        ({ key, attribute, advanced }) =>
          key === field.key && attribute === field.attribute && advanced === field.advanced,
      ),
  );
  return end < 0 ? fields.length : end;
}

function attributesOf(
  fields: ActionDefinition['fields'],
  resource: ResourceDefinition,
  isWhole: boolean,
): string {
  const all = `object_definitions[${printText(`${snakeCase(resource.name)}_attributes`)}]`;
  const names = fields.map(({ key }) => printText(key));
  const only = isWhole && fields.length === resource.fields.length ? '' : `.only(${names.join(', ')})`;
  const required = fields.filter((field) => field.required).map(({ key }) => printText(key));
  return `${all}${only}${required.length === 0 ? '' : `.required(${required.join(', ')})`}`;
}

/** The rows of many at once: each has the form of the action that was chosen. */
function rowsOf(
  key: string,
  title: string,
  help: string,
  required: boolean,
  first: string,
  actions: readonly ActionDefinition[],
): string {
  void actions;
  const field = symbols({
    name: key,
    label: title,
    optional: !required,
    type: 'array',
    of: 'object',
    hint: toHtml(help),
    properties: code(`object_definitions["#{config_fields['action'] || ${printText(first)}}_input"]`),
  });
  return printRuby([field], 2);
}

function pickListLambdas(pickLists: PickLists): RubyValue {
  return symbols(
    Object.fromEntries(
      [...pickLists.all()].map(([name, options]) => [
        name,
        code(
          `lambda do |_connection|\n  ${printRuby(
            options.map(({ title, value }) => [title, value]),
            2,
          )}\nend`,
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
  const parts = methodFiles.map((name) => entriesOfFile(readTextAsset(`hosts/workato/methods/${name}.rb`)));
  return [data, sampleOf, ...parts].join(',\n\n');
}

/** What stands between the outer braces of a file of methods, with the comment that heads it. */
function entriesOfFile(text: string): string {
  const [, comment = '', body = ''] = /^# frozen_string_literal: true\n\n((?:#.*\n)*)\{\n(.*)\n\}\n$/s.exec(text) ?? [];
  const heading = comment.trimEnd().replace(/^/gm, '  ');
  return `${heading}\n\n${body}`;
}
