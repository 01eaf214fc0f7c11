import { type Command, Option } from 'commander';
import type { ConnectionInput } from '../../connector/connection.ts';
import type { Auth } from '../../connector/generated/types.ts';
import { didYouMean } from '../../schemas/did-you-mean.ts';
import { secretFields } from '../auth-options.ts';
import { UsageError } from '../errors.ts';
import {
  connectionFile,
  readConnections,
  type StoredConnection,
  type StoredConnections,
  type StoredSecret,
} from './connection-file.ts';
import { type Keyring, openKeyring } from './keyring.ts';

/** A connection of the user's file, with its secrets. */
export interface NamedConnection {
  readonly name: string;
  /** The name of a profile, or the path of a file with one. */
  readonly profile?: string;
  readonly input: ConnectionInput;
}

/**
 * Adds `--connection NAME` to a command, in place of the given options. Variables such as SCIM_TOKEN do not apply to a
 * named connection, so that no secret reaches another provider.
 */
export function addNamedConnectionOption(command: Command, excluded: readonly Option[]): Command {
  return command
    .addOption(
      new Option(
        '--connection <name>',
        'a connection that "rolecall connect" has stored, in place of its options',
      ),
    )
    .hook('preAction', async (_, action) => {
      const name: unknown = action.getOptionValue('connection');
      if (typeof name !== 'string') return;
      const given = excluded.filter(
        (option) => action.getOptionValueSource(option.attributeName()) === 'cli',
      );
      if (given.length > 0)
        throw new UsageError(
          `${given.map(({ long }) => long).join(' and ')} cannot be combined with --connection ${name}, which has its own. Omit one of them.`,
        );
      const namedConnection = await loadConnection(name);
      action.setOptionValueWithSource('baseUrl', namedConnection.input.baseUrl, 'implied');
      action.setOptionValueWithSource('namedConnection', namedConnection, 'implied');
      if (action.getOptionValue('profile') === undefined)
        action.setOptionValueWithSource('profile', namedConnection.profile, 'implied');
    });
}

/** Loads a connection with its secrets. @throws UsageError */
export async function loadConnection(
  name: string,
  open: () => Promise<Keyring> = openKeyring,
): Promise<NamedConnection> {
  const stored = findConnection(readConnections(connectionFile()), name);
  const { baseUrl, auth, settings, profile } = stored;
  const values = Object.entries(auth).map(
    async ([key, value]) =>
      [key, typeof value === 'string' ? value : await reveal(name, stored, key, value, open)] as const,
  );
  // The validation of the connection checks the values.
  const input = {
    ...settings,
    baseUrl,
    auth: Object.fromEntries(await Promise.all(values)) as unknown as Auth,
  };
  return { name, input, ...(profile !== undefined && { profile }) };
}

/** @throws UsageError that suggests a similar name */
export function findConnection(connections: StoredConnections, name: string): StoredConnection {
  const found = connections.get(name);
  if (found !== undefined) return found;
  const names = [...connections.keys()];
  const next =
    names.length === 0
      ? '"rolecall connect NAME" stores the first one.'
      : '"rolecall connections" lists them.';
  throw new UsageError(`There is no connection "${name}"${didYouMean(name, names)}. ${next}`);
}

async function reveal(
  name: string,
  { auth }: StoredConnection,
  key: string,
  secret: StoredSecret,
  open: () => Promise<Keyring>,
): Promise<string> {
  if ('plainText' in secret) return secret.plainText;
  const noun = secretFields(auth).find((field) => field.key === key)?.noun ?? key;
  if ('variable' in secret) {
    const value = process.env[secret.variable]?.trim() ?? '';
    if (value !== '') return value;
    throw new UsageError(
      `The environment variable ${secret.variable}, which has the ${noun} of the connection "${name}", is not set.`,
    );
  }
  const value = await (await open()).get(secret.keyring);
  if (value !== undefined) return value;
  throw new UsageError(
    `The keyring has no ${noun} for the connection "${name}". Store it again with "rolecall connect ${name} --replace".`,
  );
}
