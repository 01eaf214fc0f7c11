import { isJsonArray, isJsonObject, type JsonObject } from '../../../scim/json.ts';
import { mostSetsInPoll } from '../../assumptions.ts';
import type { Endpoint } from '../../scim/http/start-scim-server.ts';
import type { Authenticator } from '../../scim/service/bearer-authenticator.ts';
import type { Bell } from '../create-bell.ts';
import { type KeyRing, showKeySet } from '../events/create-key-ring.ts';
import { signSet } from '../events/sign-set.ts';
import type { WorkspaceData } from '../open-workspace-data.ts';
import { invalid, WorkspaceError } from '../workspace-error.ts';
import { type JsonRequest, jsonEndpoint } from './json-endpoint.ts';

/** The options of {@link createEventEndpoint}. */
export interface EventEndpointOptions {
  readonly data: WorkspaceData;
  readonly keyRing: KeyRing;
  /** Verifies the polling token. */
  readonly authenticate: Authenticator;
  /** Rings when there can be SETs. */
  readonly bell: Bell;
  /** Ends every wait. */
  readonly closing: AbortSignal;
  /** Called with the errors that the receiver reported. */
  readonly onRefusal: (reason: string) => void;
}

/** The request of a receiver (RFC 8936 §2.2). */
interface Poll {
  readonly maxEvents: number;
  readonly returnImmediately: boolean;
  /** The IDs of all received SETs, valid or not. */
  readonly settled: ReadonlySet<string>;
  readonly refusals: readonly string[];
}

/** Returns SETs to polling receivers (RFC 8936), and the public keys to everyone. */
export function createEventEndpoint(options: EventEndpointOptions): Endpoint {
  const { data, keyRing, authenticate, bell, closing, onRefusal } = options;
  const outbox = data.outboxes.poll;

  function checkAccess({ headers }: JsonRequest): void {
    if (authenticate(headers.authorization) === undefined) {
      throw new WorkspaceError(
        401,
        'authentication_failed',
        'Send the polling token as "Authorization: Bearer TOKEN".',
        { 'www-authenticate': 'Bearer realm="events"' },
      );
    }
    if (!data.settings().eventPolling) {
      throw new WorkspaceError(
        403,
        'access_denied',
        'There is no poll stream. Set "eventPolling" in the settings.',
      );
    }
  }

  async function untilThereIsOne(): Promise<void> {
    const { longPollInSeconds } = data.settings().limits;
    const ending = AbortSignal.any([closing, AbortSignal.timeout(longPollInSeconds * 1000)]);
    while (outbox.size() === 0 && !ending.aborted) await bell.next(ending);
  }

  return jsonEndpoint({
    // RFC 8936 §2.5 does not define this body; the form of a rejected SET (RFC 8935 §2.3) is the closest.
    showError: ({ code, message }) => ({ err: code, description: message }),
    routes: [
      { method: 'GET', path: '/jwks.json', handle: () => ({ body: showKeySet(keyRing.list()) }) },
      {
        method: 'POST',
        path: '/poll',
        handle: async (request) => {
          checkAccess(request);
          const { maxEvents, returnImmediately, settled, refusals } = readPoll(request.json());
          data.store.commit([...settled].flatMap((jti) => outbox.drop(jti)));
          for (const refusal of refusals) onRefusal(refusal);
          if (maxEvents > 0 && !returnImmediately) await untilThereIsOne();
          const given = outbox.first(maxEvents);
          const key = keyRing.current();
          return {
            body: {
              sets: Object.fromEntries(given.map((pending) => [pending.id, signSet(data, key, pending)])),
              moreAvailable: outbox.size() > given.length,
            },
          };
        },
      },
    ],
  });
}

function readPoll(body: JsonObject): Poll {
  const { maxEvents = mostSetsInPoll, returnImmediately = false, ack = [], setErrs = {} } = body;
  if (typeof maxEvents !== 'number' || !Number.isSafeInteger(maxEvents) || maxEvents < 0) {
    throw invalid('"maxEvents" must be a whole number from 0.');
  }
  if (typeof returnImmediately !== 'boolean') throw invalid('"returnImmediately" must be true or false.');
  if (!isJsonArray(ack) || !ack.every((jti) => typeof jti === 'string')) {
    throw invalid('"ack" must be a list of the "jti" of SETs.');
  }
  if (!isJsonObject(setErrs)) throw invalid('"setErrs" must be an object of errors by "jti".');
  const refusals = Object.entries(setErrs).map(([jti, error]) => {
    if (!isJsonObject(error) || typeof error.err !== 'string') {
      throw invalid('Each of "setErrs" must be {"err": …, "description": …}.');
    }
    const { err, description } = error;
    return `${jti} was refused: ${typeof description === 'string' ? `${err}: ${description}` : err}`;
  });
  return {
    maxEvents: Math.min(maxEvents, mostSetsInPoll),
    returnImmediately,
    settled: new Set([...ack, ...Object.keys(setErrs)]),
    refusals,
  };
}
