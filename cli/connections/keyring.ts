import type { AsyncEntry } from '@napi-rs/keyring';

/** Secrets in the operating system's own store: Keychain, Credential Manager, or Secret Service. */
export interface Keyring {
  get(id: string): Promise<string | undefined>;
  set(id: string, secret: string): Promise<void>;
  remove(id: string): Promise<void>;
}

/** What is used of the package `@napi-rs/keyring`. */
export interface KeyringLibrary {
  readonly AsyncEntry: new (
    service: string,
    username: string,
    options: { readonly linux: { readonly store: 'secret-service' } },
  ) => Pick<AsyncEntry, 'getPassword' | 'setPassword' | 'deletePassword'>;
}

const service = 'rolecall';
// The other store of Linux, in the kernel, forgets secrets when the machine restarts.
const options = { linux: { store: 'secret-service' } } as const;

/**
 * Opens the system's keyring, through an optional package.
 *
 * @throws Error if the package is not installed; each method also if this machine has no keyring, or it is locked
 */
export async function openKeyring(
  load: () => Promise<KeyringLibrary> = () => import('@napi-rs/keyring'),
): Promise<Keyring> {
  const { AsyncEntry: Entry } = await load().catch((error: unknown) => {
    throw new Error(
      'The keyring requires the optional package @napi-rs/keyring. Run "npm install @napi-rs/keyring", or keep the secret in an environment variable.',
      { cause: error },
    );
  });
  const use = async <Value>(
    work: (entry: InstanceType<KeyringLibrary['AsyncEntry']>) => Promise<Value>,
    id: string,
  ): Promise<Value> => {
    try {
      return await work(new Entry(service, id, options));
    } catch (error) {
      throw new Error(
        `The keyring of this machine cannot be used: ${(error instanceof Error ? error.message : String(error)).replace(/\.+$/, '')}. Unlock it, or keep the secret in an environment variable.`,
        { cause: error },
      );
    }
  };
  return {
    get: async (id) => (await use((entry) => entry.getPassword(), id)) ?? undefined,
    set: (id, secret) => use((entry) => entry.setPassword(secret), id),
    remove: async (id) => {
      await use((entry) => entry.deletePassword(), id);
    },
  };
}
