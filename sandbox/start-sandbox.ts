import { randomBytes } from 'node:crypto';
import { startScimServer } from './scim/http/start-scim-server.ts';
import { groupType, userType } from './scim/schema/resource-types.ts';
import { defaultScimLimits, type ScimLimits } from './scim/scim-limits.ts';
import { bearerAuthenticator } from './scim/service/bearer-authenticator.ts';
import { createScimService } from './scim/service/create-scim-service.ts';
import { createStore } from './scim/store/create-store.ts';
import { openSqliteJournal } from './scim/store/open-sqlite-journal.ts';

/** How a sandbox is started. */
export interface SandboxOptions {
  /** The port to listen on; 0, the default, takes any free one. */
  readonly port?: number;
  /** The loopback interface is the only one: a sandbox has no TLS. */
  readonly host?: '127.0.0.1';
  /** The SCIM token; a random one when absent. */
  readonly token?: string;
  /** A SQLite file that keeps the resources; they live in memory only when absent. */
  readonly dbFile?: string;
  readonly limits?: Partial<ScimLimits>;
  /** The clock; the system's when absent. */
  readonly now?: () => Date;
}

/** A sandbox that runs. */
export interface Sandbox {
  /** The SCIM service's base URL: `http://127.0.0.1:PORT/scim/v2`. */
  readonly scimBaseUrl: string;
  /** The SCIM token, to be sent as `Authorization: Bearer TOKEN`. */
  readonly token: string;
  /** Completes the requests in flight, and stops. Closing twice is closing once. */
  close(): Promise<void>;
}

const basePath = '/scim/v2';
const resourceTypes = [userType, groupType];

/** Starts a SCIM 2.0 service on the loopback interface. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const token = options.token ?? randomBytes(24).toString('base64url');
  const limits: ScimLimits = { ...defaultScimLimits, ...options.limits };
  const journal = options.dbFile === undefined ? undefined : await openSqliteJournal(options.dbFile);
  try {
    const store = createStore(resourceTypes, journal);
    const server = await startScimServer({
      port: options.port ?? 0,
      host: options.host ?? '127.0.0.1',
      maxPayloadBytes: () => limits.maxPayloadBytes,
      maxUrlLength: 32_768,
      mount: (origin) =>
        new Map([
          [
            basePath,
            createScimService({
              baseUrl: origin + basePath,
              resourceTypes,
              store,
              authenticate: bearerAuthenticator(token, { name: 'scim-token' }),
              limits,
              ...(options.now !== undefined && { now: options.now }),
            }),
          ],
        ]),
    });
    let closed: Promise<void> | undefined;
    return {
      scimBaseUrl: server.origin + basePath,
      token,
      close: () => {
        closed ??= server.close().finally(() => store.close());
        return closed;
      },
    };
  } catch (error) {
    journal?.close();
    throw error;
  }
}
