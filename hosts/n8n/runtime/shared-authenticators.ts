import type { Authenticator } from '../../../connector/auth/authenticator.ts';
import { createAuthenticator } from '../../../connector/auth/create-authenticator.ts';
import type { Connection } from '../../../connector/connection.ts';
import type { Platform } from '../../../connector/platform.ts';
import type { N8nSleep } from './n8n-functions.ts';
import { createN8nPlatform } from './n8n-platform.ts';

/** The authenticators of this process. */
export interface SharedAuthenticators {
  /** The authenticator of a connection. All executions with the same settings share it, and with it the access token. */
  of(connection: Connection, platform: Platform): Authenticator;
}

/** The maximum number of authenticators. */
const maxShared = 100;

/** Creates an empty collection of authenticators. A changed credential has a new one: a new secret or scope counts at once. */
export function createSharedAuthenticators(sleep: N8nSleep): SharedAuthenticators {
  const shared = new Map<string, (platform: Platform) => Authenticator>();
  return {
    of(connection, platform) {
      const { auth, timeoutInMs } = connection;
      const name = JSON.stringify([auth, timeoutInMs]);
      const known = shared.get(name);
      if (known !== undefined) return known(platform);
      const lend = createLender(connection, sleep);
      if (shared.size >= maxShared) shared.clear();
      shared.set(name, lend);
      return lend(platform);
    },
  };
}

/**
 * Creates an authenticator that sends with the platform of an execution which waits for its credential. It holds the
 * platform no longer than that: a platform leads to all data of its execution.
 */
function createLender(connection: Connection, sleep: N8nSleep): (platform: Platform) => Authenticator {
  const waiting = new Set<Platform>();
  const lender = (): Platform => {
    const [first] = waiting;
    if (first === undefined) throw new Error('Nobody waits for this credential.');
    return first;
  };
  const own: Platform = {
    ...createN8nPlatform(silent, () => Promise.reject(new Error('Requests are sent by lenders.')), sleep),
    send: (request) => lender().send(request),
    log: (entry) => lender().log(entry),
  };
  const authenticator = createAuthenticator(connection, own);
  return (platform) => ({
    ...authenticator,
    credential(limits) {
      // Several requests of one execution can wait at once.
      const waiter = { ...platform };
      waiting.add(waiter);
      const leave = (): unknown => waiting.delete(waiter);
      const credential = authenticator.credential(limits);
      if (!(credential instanceof Promise)) {
        leave();
        return credential;
      }
      return credential.finally(leave);
    },
  });
}

const silent = {
  logger: { debug: () => undefined, info: () => undefined, warn: () => undefined },
};
