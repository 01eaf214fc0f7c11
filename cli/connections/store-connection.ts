import { randomUUID } from 'node:crypto';
import type { ConnectionInput } from '../../connector/connection.ts';
import { type AuthOptions, secretFields } from '../auth-options.ts';
import { UsageError } from '../errors.ts';
import {
  connectionFile,
  readConnections,
  type StoredConnection,
  type StoredSecret,
  writeConnections,
} from './connection-file.ts';
import { type Keyring, openKeyring } from './keyring.ts';

/** Where `rolecall connect` stores secrets. */
export type SecretPlace = 'variable' | 'keyring' | 'file';

/** A connection to store. */
export interface NewConnection {
  readonly name: string;
  readonly input: ConnectionInput;
  /** The options that the input was read from: they name the variables of secrets. */
  readonly options: AuthOptions;
  readonly secretPlace: SecretPlace;
}

/** Stores a connection under its name. A previous one with this name is replaced, with its secrets. @throws UsageError */
export async function storeConnection(
  { name, input, options, secretPlace }: NewConnection,
  open: () => Promise<Keyring> = openKeyring,
): Promise<void> {
  const { baseUrl, auth = {}, token: _, ...settings } = input;
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
  const file = connectionFile();
  const before = readConnections(file);
  writeConnections(
    file,
    new Map([...before, [name, { baseUrl, auth: Object.fromEntries(values), settings }]]),
  );
  await forgetSecrets(before.get(name), open);
}

/** Removes a connection with its secrets in the keyring. @throws UsageError */
export async function removeConnection(
  name: string,
  open: () => Promise<Keyring> = openKeyring,
): Promise<void> {
  const file = connectionFile();
  const before = readConnections(file);
  const connection = before.get(name);
  // The secrets go first: without the file, nobody would know their IDs.
  await forgetSecrets(connection, open);
  writeConnections(file, new Map([...before].filter(([one]) => one !== name)));
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
