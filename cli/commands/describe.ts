import { Command } from 'commander';
import type {
  ActionDefinition,
  ConnectorDefinition,
  Field,
  SourceDefinition,
  TriggerDefinition,
} from '../../connector/definition/definition.ts';
import { didYouMean } from '../../schemas/did-you-mean.ts';
import { type ConnectorOptions, connect, definitionOf } from '../context.ts';
import { UsageError } from '../errors.ts';
import { addConnectionOptions, overlayOption } from '../options.ts';
import { bold, type Terminal } from '../terminal.ts';

/** `rolecall describe KEY`: the fields of an action, trigger, or source, with samples. */
export function describeCommand(terminal: Terminal): Command {
  const command = new Command('describe')
    .description('show the fields of an action, trigger, or source, with samples')
    .argument('<key>', 'the key of the action or trigger, or the type of the source')
    .addOption(overlayOption())
    .option('--discover', "also show the provider's own attributes; requires a connection")
    .option('--json', 'print JSON, with the JSON Schemas of input and output');
  return addConnectionOptions(command).action(
    async (key: string, options: ConnectorOptions & { json?: boolean }) => {
      const description = find(await definition(options, terminal), key);
      if (options.json === true) terminal.out(JSON.stringify(description.json));
      else for (const line of print(description)) terminal.out(line);
    },
  );
}

async function definition(options: ConnectorOptions, terminal: Terminal): Promise<ConnectorDefinition> {
  if (options.discover !== true) return definitionOf(options);
  const connector = await connect(options, terminal);
  connector.close();
  return connector.definition;
}

/** The description of an action, trigger, or source. */
interface Description {
  readonly json: Readonly<Record<string, unknown>>;
  readonly key: string;
  readonly title: string;
  /** Sentences. */
  readonly about: readonly string[];
  readonly fields: readonly Field[];
  /** Values to show, by their headings. */
  readonly samples: Readonly<Record<string, unknown>>;
}

function find({ actions, triggers, sources }: ConnectorDefinition, key: string): Description {
  const action = actions.find((one) => one.key === key);
  if (action !== undefined) return describeAction(action);
  const trigger = triggers.find((one) => one.key === key);
  if (trigger !== undefined) return describeTrigger(trigger);
  const source = sources.find((one) => one.type === key);
  if (source !== undefined) return describeSource(source);
  const hint = didYouMean(
    key,
    [...actions, ...triggers].map((one) => one.key).concat(sources.map((one) => one.type)),
  );
  if (hint !== '') throw new UsageError(`There is no action, trigger, or source "${key}"${hint}.`);
  throw new UsageError(
    `There is no action, trigger, or source "${key}". The actions are: ${actions.map((one) => one.key).join(', ')}. ` +
      `The triggers are: ${triggers.map((one) => one.key).join(', ')}. ` +
      `The sources are: ${sources.map((one) => one.type).join(', ')}.`,
  );
}

function describeAction(action: ActionDefinition): Description {
  const { key, title, group, description, fields, idempotent, input, output, nullable } = action;
  const { sampleInput, sample } = action;
  return {
    json: {
      kind: 'action',
      key,
      title,
      group,
      description,
      idempotent,
      input,
      output,
      nullable,
      sampleInput,
      sample,
    },
    key,
    title,
    about: [
      description,
      idempotent ? 'Safe to rerun.' : 'Not safe to rerun: a second run can fail, or repeat the change.',
    ],
    fields,
    samples: {
      'Sample input': sampleInput,
      [nullable ? 'Sample output (null if there is no match)' : 'Sample output']: sample,
    },
  };
}

function describeTrigger(trigger: TriggerDefinition): Description {
  const { key, title, group, description, detect, fields, input, output, sampleInput, sample } = trigger;
  const { resources, types } = detect;
  return {
    json: {
      kind: 'trigger',
      key,
      title,
      group,
      description,
      detect,
      input,
      output,
      sampleInput,
      sample,
    },
    key,
    title,
    about: [description, `Resources: ${resources.join(', ')}. Event types: ${types.join(', ')}.`],
    fields,
    samples: { 'Sample input': sampleInput, 'Sample event': sample },
  };
}

function describeSource(source: SourceDefinition): Description {
  const { type, title, description, fields, settings, sampleInput } = source;
  return {
    json: { kind: 'source', type, title, description, settings, sampleInput },
    key: type,
    title,
    about: [description],
    fields,
    samples: { 'Sample settings': sampleInput },
  };
}

function print({ key, title, about, fields, samples }: Description): readonly string[] {
  return [
    `${bold(key)}: ${title}`,
    ...about,
    '',
    bold('Fields'),
    ...(fields.length === 0 ? ['none'] : fields.flatMap(describeField)),
    ...Object.entries(samples).flatMap(([heading, sample]) => [
      '',
      bold(heading),
      ...JSON.stringify(sample, null, 2).split('\n'),
    ]),
  ];
}

function describeField(field: Field): readonly string[] {
  const preset = field.default === undefined ? '' : ` (default: ${field.default})`;
  const secret = field.secret ? ' (secret)' : '';
  return [
    `  ${bold(field.key)}  ${typeOf(field)}${field.required ? ' (required)' : ''}${preset}${secret}`,
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
