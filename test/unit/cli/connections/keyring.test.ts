import { existsSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Keyring, openKeyring } from '../../../../cli/connections/keyring.ts';
import { loadConnection } from '../../../../cli/connections/named-connection.ts';
import { removeConnection, storeConnection } from '../../../../cli/connections/store-connection.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

const input = { baseUrl: 'https://acme.example', auth: { type: 'bearer', token: 'the-secret' } } as const;
const options = { tokenEnv: 'ACME_TOKEN' };
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

const store = () => storeConnection({ name: 'acme', input, options, secretPlace: 'keyring' }, open);

describe('a connection with its secret in the keyring', () => {
  it('has only the ID of the secret in the file', async () => {
    await store();
    expect(readFileSync(file, 'utf8')).not.toContain('the-secret');
    expect((await loadConnection('acme', open)).input).toEqual(input);
  });

  it('leaves no old secret behind when it is replaced or removed', async () => {
    await store();
    await store();
    expect(secrets.size).toBe(1);
    await removeConnection('acme', open);
    expect(secrets.size).toBe(0);
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
});
