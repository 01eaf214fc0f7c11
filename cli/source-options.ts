import { type Command, Option } from 'commander';
import type { ConnectorDefinition, SourceDefinition } from '../connector/definition/definition.ts';
import type { SourceSettings } from '../runtime/watch/open-webhook-handlers.ts';
import { check } from '../schemas/check.ts';
import { readScalar } from './connection-options.ts';
import { readSecretEnv } from './read-secret-env.ts';
import { UsageError } from './usage-error.ts';

/** The options by which a command is given sources of events. */
export interface SourceOptions {
  readonly source: readonly string[];
  readonly sourceSet: readonly string[];
  readonly sourceSecretEnv: readonly string[];
}

const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value];

/** Adds the options of sources to a command. */
export function addSourceOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--source <type>', 'a source of events, see rolecall sources; may be repeated')
        .argParser(collect)
        .default([], 'none'),
    )
    .addOption(
      new Option(
        '--source-set <field=value>',
        'a setting of the source; with several sources, type.field=value; may be repeated',
      )
        .argParser(collect)
        .default([], 'none'),
    )
    .addOption(
      new Option(
        '--source-secret-env <field=name>',
        'the environment variable that holds a secret setting; may be repeated',
      )
        .argParser(collect)
        .default([], 'none'),
    );
}

/** Reads the sources from the options and the environment. @throws UsageError */
export function readSourceOptions(
  { source, sourceSet, sourceSecretEnv }: SourceOptions,
  { sources }: ConnectorDefinition,
): readonly SourceSettings[] {
  const types = [...new Set(source)];
  const chosen = types.map((type) => {
    const definition = sources.find((one) => one.type === type);
    if (definition === undefined)
      throw new UsageError(
        `There is no source "${type}". The sources are: ${sources.map((one) => one.type).join(', ')}`,
      );
    return { definition, settings: {} as Record<string, unknown> };
  });
  for (const text of sourceSet) {
    const { settings, field, value } = readSetting(text, '--source-set', chosen);
    if (field.secret) {
      throw new UsageError(
        `--source-set ${field.key} is a secret: name its environment variable with --source-secret-env ${field.key}=NAME`,
      );
    }
    settings[field.key] = field.schema.type === 'string' ? value : readScalar(value);
  }
  for (const text of sourceSecretEnv) {
    const { settings, field, value } = readSetting(text, '--source-secret-env', chosen);
    const option = `--source-secret-env ${field.key}`;
    settings[field.key] = readSecretEnv(value, { option, noun: 'secret', example: 'HOOK_SECRET' });
  }
  for (const { definition, settings } of chosen) {
    const [problem] = check(definition.settings, settings);
    if (problem !== undefined)
      throw new UsageError(
        `The source ${definition.type} is not right: ${problem.path} ${problem.message}. rolecall describe ${definition.type} shows its settings`,
      );
  }
  return chosen.map(({ definition: { type }, settings }) => ({ type, settings }));
}

interface Setting {
  readonly settings: Record<string, unknown>;
  readonly field: SourceDefinition['fields'][number];
  readonly value: string;
}

/** Reads `field=value`, or `type.field=value`. */
function readSetting(
  text: string,
  option: string,
  chosen: readonly { readonly definition: SourceDefinition; readonly settings: Record<string, unknown> }[],
): Setting {
  const [whole, type, key = '', value = ''] = /^(?:([a-z_]+)\.)?([A-Za-z0-9_]+)=(.*)$/s.exec(text) ?? [];
  const [only, ...others] = chosen.filter(({ definition }) => type === undefined || definition.type === type);
  if (whole === undefined || only === undefined || others.length > 0) {
    throw new UsageError(
      whole !== undefined && others.length > 0
        ? `${option} does not say which source it is for: give type.field=value`
        : `${option} takes field=value, and belongs to a --source`,
    );
  }
  const field = only.definition.fields.find((one) => one.key === key);
  if (field === undefined) {
    const names = only.definition.fields.map((one) => one.key).join(', ');
    throw new UsageError(`${option} "${key}" is no setting of ${only.definition.type}: there is ${names}`);
  }
  return { settings: only.settings, field, value };
}
