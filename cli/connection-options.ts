import { type Command, Option } from 'commander';
import type { ConnectionInput } from '../connector/connection.ts';
import type { ConnectorDefinition } from '../connector/definition/definition.ts';
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
  const token = readTokenEnv(tokenEnv);
  const properties = connection.schema.properties ?? {};
  const others = set.map((text) => {
    const [name = '', value] = text.split(/=(.*)/s);
    const type = properties[name]?.type;
    if (type === undefined || name === 'token' || value === undefined) {
      const names = Object.keys(properties).filter((key) => key !== 'token');
      throw new UsageError(`--set ${name} is not known: give field=value, with one of ${names.join(', ')}`);
    }
    return [name, type === 'string' ? value : readScalar(value)] as const;
  });
  return { ...Object.fromEntries(others), baseUrl, token };
}

/**
 * The token in an environment variable. @throws UsageError, which shows no more than the name of a variable: what
 * was given may be the token itself.
 */
export function readTokenEnv(name: string): string {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    throw new UsageError(
      '--token-env takes the name of an environment variable, such as SCIM_TOKEN, not the token itself',
    );
  }
  const token = process.env[name]?.trim();
  if (token !== undefined && token !== '') return token;
  const shown = /^[A-Z][A-Z0-9_]*$/.test(name) ? ` ${name}` : '';
  throw new UsageError(
    `The environment variable${shown} that --token-env names is empty: put the token into it, and give its name`,
  );
}

// What is no JSON stays text, so that the connection's own check can say what it should have been.
function readScalar(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
