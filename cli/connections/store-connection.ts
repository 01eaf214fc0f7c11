import { randomUUID } from 'node:crypto';
import type { Auth } from '../../connector/generated/types.ts';
import { type AuthOptions, secretFields } from '../auth-options.ts';
import { UsageError } from '../errors.ts';
import {
  changeConnections,
  connectionFile,
  type StoredConnection,
  type StoredConnections,
  type StoredSecret,
} from './connection-file.ts';
import { type Keyring, openKeyring } from './keyring.ts';
import { findConnection } from './named-connection.ts';

/** Where `rolecall connect` stores secrets. */
export type SecretPlace = 'variable' | 'keyring' | 'file';

/** A connection to store. */
export interface NewConnection {
  readonly name: string;
  readonly baseUrl: string;
  readonly auth: Auth;
  /** The other fields of the connection. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** The name of a profile, or the absolute path of a file with one. */
  readonly profile?: string | undefined;
  /** The options that the input was read from: they name the variables of secrets. */
  readonly options: AuthOptions;
  readonly secretPlace: SecretPlace;
  /** Whether a connection with this name is replaced, with its secrets. */
  readonly replace: boolean;
}

/** Stores a connection under its name. @throws UsageError */
export async function storeConnection(
  { name, baseUrl, auth, settings, profile, options, secretPlace, replace }: NewConnection,
  open: () => Promise<Keyring> = openKeyring,
): Promise<void> {
  const values = new Map<string, string | StoredSecret>(Object.entries(auth));
  for (const { key, variable } of secretFields(auth, options)) {
    const secret = String(values.get(key));
    if (secretPlace === 'variable') values.set(key, { variable });
    else if (secretPlace === 'file') values.set(key, { plainText: secret });
    else {
      const id = randomUUID();
      await (await open()).set(id, secret);
      values.set(key, { keyring: id });
    }
  }
  const stored: StoredConnection = {
    baseUrl,
    auth: Object.fromEntries(values),
    settings,
    ...(profile !== undefined && { profile }),
  };
  // Those of a connection that could not be stored, or else of the one that it has replaced.
  let unused: StoredConnection | undefined = stored;
  try {
    let previous: StoredConnection | undefined;
    await changeConnections(connectionFile(), async (before) => {
      if (!replace) assertNew(name, before);
      previous = before.get(name);
      return new Map([...before, [name, stored]]);
    });
    unused = previous;
  } finally {
    await forgetSecrets(unused, open);
  }
}

/** @throws UsageError if there is a connection with this name */
export function assertNew(name: string, connections: StoredConnections): void {
  if (connections.has(name))
    throw new UsageError(`The connection "${name}" exists. To replace it, add --replace.`);
}

/** Removes a connection with its secrets in the keyring. @throws UsageError */
export async function removeConnection(
  name: string,
  open: () => Promise<Keyring> = openKeyring,
): Promise<void> {
  await changeConnections(connectionFile(), async (before) => {
    // The secrets go first: without the file, nobody would know their IDs.
    await forgetSecrets(findConnection(before, name), open);
    return new Map([...before].filter(([one]) => one !== name));
  });
}

async function forgetSecrets(
  connection: StoredConnection | undefined,
  open: () => Promise<Keyring>,
): Promise<void> {
  for (const value of Object.values(connection?.auth ?? {}))
    if (typeof value !== 'string' && 'keyring' in value) await (await open()).remove(value.keyring);
}

/** @throws UsageError if a name would be hard to type or to tell from an option. */
export function assertName(name: string): void {
  if (/^[A-Za-z0-9][\w.-]{0,63}$/.test(name)) return;
  throw new UsageError(
    `"${name}" cannot be the name of a connection. Use letters, digits, ".", "_", and "-", and begin with a letter or digit.`,
  );
}
