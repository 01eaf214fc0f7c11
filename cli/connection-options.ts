import { type Command, Option } from 'commander';
import type { ConnectionInput } from '../connector/connection.ts';
import type { ConnectorDefinition } from '../connector/definition/definition.ts';
import { readSecretEnv } from './read-secret-env.ts';
import { UsageError } from './usage-error.ts';

/** The options by which a command is given a connection. */
export interface ConnectionOptions {
  readonly baseUrl?: string;
  readonly tokenEnv?: string;
  readonly set: readonly string[];
}

/** Adds the options of a connection to a command. */
export function addConnectionOptions(command: Command): Command {
  return command
    .addOption(new Option('--base-url <url>', 'the address of the SCIM service'))
    .addOption(new Option('--token-env <name>', 'the environment variable that holds the token'))
    .addOption(
      new Option(
        '--set <field=value>',
        'another field of the connection, such as deadlineInMs=30000; may be repeated',
      )
        .argParser((value: string, before: readonly string[]) => [...before, value])
        .default([], 'none'),
    );
}

/** Reads a connection from the options and the environment. @throws UsageError */
export function readConnectionOptions(
  options: ConnectionOptions,
  { connection }: ConnectorDefinition,
): ConnectionInput {
  const { baseUrl, tokenEnv, set } = options;
  if (baseUrl === undefined)
    throw new UsageError('--base-url is missing: give the address of the SCIM service');
  if (tokenEnv === undefined)
    throw new UsageError('--token-env is missing: name the environment variable that holds the token');
  return { ...readSet(set, connection), baseUrl, token: readTokenEnv(tokenEnv) };
}

/** Reads the fields that `--set` gives. @throws UsageError */
export function readSet(
  set: readonly string[],
  { schema }: ConnectorDefinition['connection'],
): Readonly<Record<string, unknown>> {
  const properties = schema.properties ?? {};
  const fields = set.map((text) => {
    const [name = '', value] = text.split(/=(.*)/s);
    const type = properties[name]?.type;
    if (type === undefined || name === 'token' || value === undefined) {
      const names = Object.keys(properties).filter((key) => key !== 'token');
      throw new UsageError(`--set ${name} is not known: give field=value, with one of ${names.join(', ')}`);
    }
    return [name, type === 'string' ? value : readScalar(value)] as const;
  });
  return Object.fromEntries(fields);
}

/** The token in an environment variable. @throws UsageError */
export function readTokenEnv(name: string): string {
  return readSecretEnv(name, { option: '--token-env', noun: 'token', example: 'SCIM_TOKEN' });
}

/** The JSON that a text is; what is none stays text, so that the check that follows can say what it should be. */
export function readScalar(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
