import { createRequire } from 'node:module';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { installPackages } from '../../scripts/suites/install-packages.ts';
import { listen } from './listen.ts';

/** A SCIM service that nobody here wrote: the plugin of better-auth, over SQLite in memory. */
export interface BetterAuth {
  /** `http://127.0.0.1:PORT/api/auth/scim/v2` */
  readonly scimBaseUrl: string;
  readonly token: string;
  close(): Promise<void>;
}

interface Auth {
  readonly options: object;
  handler(request: Request): Promise<Response>;
}

const token = 'a-token-of-better-auth-with-at-least-32-characters';

/** Starts it. It needs the packages of the suite `servers`. */
export async function startBetterAuth(): Promise<BetterAuth> {
  const load = createRequire(join(installPackages('scim-servers'), 'package.json'));
  const { betterAuth } = load('better-auth') as { betterAuth(options: object): Auth };
  const { getMigrations } = load('better-auth/db/migration') as {
    getMigrations(options: object): Promise<{ runMigrations(): Promise<void> }>;
  };
  const { scim } = load('@better-auth/scim') as { scim(options: object): object };
  const { toNodeHandler } = load('better-auth/node') as {
    toNodeHandler(auth: Auth): Parameters<typeof listen>[0];
  };
  const database = new DatabaseSync(':memory:');
  const credentials = [{ type: 'bearer', id: 'probe', token }];
  const auth = betterAuth({
    baseURL: 'http://127.0.0.1',
    secret: 'a secret that signs the sessions which nobody opens: 7Kq2',
    database,
    logger: { disabled: true },
    telemetry: { enabled: false },
    rateLimit: { enabled: false },
    plugins: [scim({ connections: [{ id: 'probe', credentials }] })],
  });
  await (await getMigrations(auth.options)).runMigrations();
  const { origin, close } = await listen(toNodeHandler(auth));
  return {
    scimBaseUrl: `${origin}/api/auth/scim/v2`,
    token,
    async close() {
      await close();
      database.close();
    },
  };
}
