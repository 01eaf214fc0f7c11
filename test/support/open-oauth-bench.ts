import type { ConnectionLimits } from '../../connector/connection.ts';
import { readConnection } from '../../connector/connection.ts';
import type { Auth } from '../../connector/generated/types.ts';
import { createScimClient } from '../../connector/http/scim-client.ts';
import type { LogEntry, Platform } from '../../connector/platform.ts';
import { createNodePlatform } from '../../runtime/node/node-platform.ts';
import { openSession, type Session } from '../../runtime/open-session.ts';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../sandbox/index.ts';
import { repeatWith } from './fake-platform.ts';
import { definition } from './open-test-session.ts';
import { createSkippingClock, type SkippingClock } from './skipping-clock.ts';

/** A sandbox that takes only OAuth, and a client with the same clock: waits take no time. */
export interface OAuthBench {
  readonly sandbox: Sandbox;
  readonly clock: SkippingClock;
  readonly platform: Platform;
  readonly logged: readonly LogEntry[];
  readonly session: Session;
  /** Another session, with its own credentials. */
  open(
    auth?: Partial<Extract<Auth, { type: 'oauth_client_credentials' }>>,
    limits?: Partial<ConnectionLimits>,
  ): Session;
  /** Sends a request to the admin API of the authorization server. */
  admin(method: string, path: string, body?: object): Promise<Record<string, unknown>>;
  close(): Promise<void>;
}

/** Opens the bench. Default: access tokens of five seconds. */
export async function openOAuthBench(
  options: Omit<
    Extract<NonNullable<SandboxOptions['auth']>, { type: 'oauth_client_credentials' }>,
    'type'
  > = {
    tokenLifetimeInSeconds: 5,
  },
): Promise<OAuthBench> {
  const clock = createSkippingClock();
  const sandbox = await startSandbox({
    auth: { type: 'oauth_client_credentials', ...options },
    now: () => new Date(clock.now()),
  });
  const logged: LogEntry[] = [];
  const node = createNodePlatform({ log: (entry) => void logged.push(entry) });
  const platform: Platform = {
    ...node,
    now: clock.now,
    sleep: clock.sleep,
    retry: (attempt, signal) => repeatWith(clock, attempt, signal),
  };
  const open: OAuthBench['open'] = (auth = {}, limits = {}) => {
    const connection = readConnection(definition.connection.schema, {
      baseUrl: sandbox.scimBaseUrl,
      auth: { ...sandbox.auth, ...auth } as Auth,
      ...limits,
    });
    return openSession(definition, platform, createScimClient(connection, platform));
  };
  return {
    sandbox,
    clock,
    platform,
    logged,
    session: open(),
    open,
    async admin(method, path, body) {
      const response = await fetch(`${sandbox.adminUrl}/oauth${path}`, {
        method,
        headers: { authorization: `Bearer ${sandbox.adminToken}`, 'content-type': 'application/json' },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      return (await response.json()) as Record<string, unknown>;
    },
    async close() {
      node.close();
      await sandbox.close();
    },
  };
}
