import { existsSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Keyring, type KeyringLibrary, openKeyring } from '../../../../cli/connections/keyring.ts';
import { loadConnection } from '../../../../cli/connections/named-connection.ts';
import { removeConnection, storeConnection } from '../../../../cli/connections/store-connection.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

const connection = {
  name: 'acme',
  baseUrl: 'https://acme.example',
  auth: { type: 'bearer', token: 'the-secret' },
  settings: { concurrency: 2 },
  profile: 'slack',
  options: { tokenEnv: 'ACME_TOKEN' },
  secretPlace: 'keyring',
  replace: true,
} as const;
const secrets = new Map<string, string>();
const keyring: Keyring = {
  get: async (id) => secrets.get(id),
  set: async (id, secret) => void secrets.set(id, secret),
  remove: async (id) => void secrets.delete(id),
};
const open = async () => keyring;
let folder: ReturnType<typeof temporaryFolder>;
let file: string;

beforeEach(() => {
  secrets.clear();
  folder = temporaryFolder();
  file = folder.file('connections.json');
  vi.stubEnv('ROLECALL_CONFIG', file);
});
afterEach(() => {
  vi.unstubAllEnvs();
  folder[Symbol.dispose]();
});

const store = (more: { readonly replace?: boolean } = {}) =>
  storeConnection({ ...connection, ...more }, open);

describe('a connection with its secret in the keyring', () => {
  it('has only the ID of the secret in the file', async () => {
    await store();
    expect(readFileSync(file, 'utf8')).not.toContain('the-secret');
    const { name, baseUrl, auth, settings, profile } = connection;
    expect(await loadConnection('acme', open)).toEqual({
      name,
      profile,
      input: { baseUrl, auth, ...settings },
    });
  });

  it('leaves no old secret behind when it is replaced or removed', async () => {
    await store();
    await store();
    expect(secrets.size).toBe(1);
    await removeConnection('acme', open);
    expect(secrets.size).toBe(0);
  });

  it('is replaced only on request, and the secret of the second one is removed', async () => {
    await store();
    const before = [...secrets];
    await expect(store({ replace: false })).rejects.toThrow('The connection "acme" exists.');
    expect([...secrets]).toEqual(before);
  });

  it('stays in the file if its secret cannot be removed', async () => {
    await store();
    const locked = async () => ({ ...keyring, remove: () => Promise.reject(new Error('locked')) });
    await expect(removeConnection('acme', locked)).rejects.toThrow('locked');
    expect(readFileSync(file, 'utf8')).toContain('acme');
  });

  it('says how to store a secret again that the keyring has lost', async () => {
    await store();
    secrets.clear();
    await expect(loadConnection('acme', open)).rejects.toThrow(
      'The keyring has no token for the connection "acme". Store it again with "rolecall connect acme --replace".',
    );
  });
});

describe('openKeyring', () => {
  it('says how to install the optional package', async () => {
    const missing = () => Promise.reject(new Error("Cannot find package '@napi-rs/keyring'"));
    await expect(openKeyring(missing)).rejects.toThrow('Run "npm install @napi-rs/keyring"');
    expect(existsSync(file)).toBe(false);
  });

  const opened: unknown[] = [];
  /** The library with a store in memory: its own needs a desktop session on Linux. */
  const library: KeyringLibrary = {
    AsyncEntry: class {
      readonly #id: string;
      constructor(...args: ConstructorParameters<KeyringLibrary['AsyncEntry']>) {
        opened.push(args);
        this.#id = `${args[0]}/${args[1]}`;
      }
      getPassword = async () => secrets.get(this.#id) ?? null;
      setPassword = async (secret: string) => void secrets.set(this.#id, secret);
      deletePassword = async () => secrets.delete(this.#id);
    },
  };

  it('stores, reads, and removes a secret of the service rolecall', async () => {
    const { get, set, remove } = await openKeyring(async () => library);
    expect(await get('one')).toBeUndefined();
    await set('one', 'secret');
    expect([await get('one'), await get('other')]).toEqual(['secret', undefined]);
    await remove('one');
    await remove('one');
    expect(await get('one')).toBeUndefined();
    expect(opened[0]).toEqual(['rolecall', 'one', { linux: { store: 'secret-service' } }]);
  });

  it('says what to do if the store of the machine is locked', async () => {
    const locked = () => Promise.reject(new Error('Secret Service: locked collection'));
    class Locked extends library.AsyncEntry {
      override getPassword = locked;
    }
    const { get } = await openKeyring(async () => ({ AsyncEntry: Locked }));
    await expect(get('one')).rejects.toThrow(
      'The keyring of this machine cannot be used: Secret Service: locked collection. Unlock it, or keep the secret in an environment variable.',
    );
  });
});
