import { Command } from 'commander';
import type { ActionDefinition, ConnectorDefinition, Field } from '../../connector/definition/definition.ts';
import { addConnectionOptions } from '../connection-options.ts';
import { type ConnectorOptions, connect, definitionOf } from '../context.ts';
import { overlayOption } from '../overlay-option.ts';
import { bold, type Terminal } from '../terminal.ts';
import { UsageError } from '../usage-error.ts';

/** `rolecall describe KEY`: the fields of an action, a sample of what it takes and one of what it gives. */
export function describeCommand(terminal: Terminal): Command {
  const command = new Command('describe')
    .description('show the fields of an action, with samples')
    .argument('<key>', 'the key of the action')
    .addOption(overlayOption())
    .option('--discover', "show the provider's own attributes too; needs a connection")
    .option('--json', 'print JSON, with the JSON Schemas of input and output');
  return addConnectionOptions(command).action(
    async (key: string, options: ConnectorOptions & { json?: boolean }) => {
      const action = find(await definition(options, terminal), key);
      if (options.json === true) terminal.out(JSON.stringify(toJson(action)));
      else for (const line of describe(action)) terminal.out(line);
    },
  );
}

async function definition(options: ConnectorOptions, terminal: Terminal): Promise<ConnectorDefinition> {
  if (options.discover !== true) return definitionOf(options);
  const connector = await connect(options, terminal);
  connector.close();
  return connector.definition;
}

function find({ actions }: ConnectorDefinition, key: string): ActionDefinition {
  const action = actions.find((one) => one.key === key);
  if (action === undefined)
    throw new UsageError(
      `There is no action or trigger "${key}". The actions are: ${actions.map((one) => one.key).join(', ')}`,
    );
  return action;
}

function toJson(action: ActionDefinition): Record<string, unknown> {
  const { key, title, group, description, safeToRepeat, input, output, nullable, sampleInput, sample } =
    action;
  return {
    kind: 'action',
    key,
    title,
    group,
    description,
    safeToRepeat,
    input,
    output,
    nullable,
    sampleInput,
    sample,
  };
}

function describe(action: ActionDefinition): readonly string[] {
  const { key, title, description, fields, safeToRepeat, nullable, sampleInput, sample } = action;
  return [
    `${bold(key)}: ${title}`,
    description,
    safeToRepeat ? 'Safe to repeat.' : 'Not safe to repeat: run twice, it may fail or do it twice.',
    '',
    bold('Fields'),
    ...(fields.length === 0 ? ['none'] : fields.flatMap(describeField)),
    '',
    bold('Sample input'),
    JSON.stringify(sampleInput, null, 2),
    '',
    bold(nullable ? 'Sample output (null when there is none)' : 'Sample output'),
    JSON.stringify(sample, null, 2),
  ];
}

function describeField(field: Field): readonly string[] {
  const preset = field.default === undefined ? '' : ` (${field.default} when left out)`;
  return [
    `  ${bold(field.key)}  ${typeOf(field)}${field.required ? ' (required)' : ''}${preset}`,
    `      ${field.help}`,
  ];
}

const kindNames: Readonly<Partial<Record<Field['kind'], string>>> = {
  string: 'text',
  integer: 'whole number',
  decimal: 'number',
  boolean: 'true or false',
  dateTime: 'date and time',
  strings: 'list of text',
  objects: 'list of objects',
};

function typeOf({ kind, pickList, custom, fields = [] }: Field): string {
  const names = fields.map(({ key }) => key);
  if (kind === 'reference') return `object with one of ${names.join(', ')}`;
  if (kind === 'references') return `list of objects, each with one of ${names.join(', ')}`;
  if (pickList !== undefined)
    return `${pickList.map(({ value }) => value).join(' | ')}${custom ? ', or another' : ''}`;
  return `${kindNames[kind] ?? kind}${names.length === 0 ? '' : ` with ${names.join(', ')}`}`;
}
