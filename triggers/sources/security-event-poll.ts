import type { ProvisioningEvent } from '../../connector/event.ts';
import { readSettings, secureUrl } from './receiving/read-settings.ts';
import { Refusal } from './receiving/refusal.ts';
import { toUtf8 } from './receiving/utf8.ts';
import { fetchSets, type SetStream } from './set/fetch-sets.ts';
import { type PollCursor, readPollCursor, type SetError } from './set/poll-cursor.ts';
import { createSetReader } from './set/set-events.ts';
import { createSetVerifier, type SetExpectations } from './set/verify-set.ts';
import type { PullSource } from './source.ts';

interface Settings extends SetExpectations, SetStream {
  readonly putMayDeactivate: boolean;
}

interface Told {
  readonly occurredAtInMs: number;
  readonly events: readonly ProvisioningEvent[];
}

/**
 * Security event tokens about SCIM resources (RFC 9967), fetched (RFC 8936). What one poll gave is acknowledged by the
 * next. A token that is not to be taken is told to the provider and the log, and holds up no other; one that cannot be
 * verified now, since the keys cannot be fetched, fails the poll, and nothing of it is acknowledged.
 */
export const securityEventPoll: PullSource = {
  type: 'security_event_poll',
  delivery: 'pull',
  idsAreScim: true,
  open(context, given) {
    const settings = readSettings<Settings>(context, 'security_event_poll', given);
    const { runtime } = context;
    const stream: SetStream = { ...settings, pollUrl: secureUrl('pollUrl', settings.pollUrl) };
    const verify = createSetVerifier(runtime, {
      ...settings,
      jwksUrl: secureUrl('jwksUrl', settings.jwksUrl),
    });
    const read = createSetReader(context, {
      source: 'security_event_poll',
      putMayDeactivate: settings.putMayDeactivate,
    });

    const take = async (jti: string, token: string, cameAtInMs: number): Promise<Told | SetError> => {
      try {
        const set = await verify(toUtf8(token), cameAtInMs);
        if (set.id !== jti) {
          throw new Refusal('invalid_request', {
            what: 'The token has another "jti" than the one that it was given under.',
            nextStep: 'Ask the provider.',
          });
        }
        return { occurredAtInMs: set.occurredAtInMs, events: read(set) };
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        if (error.code === 'unavailable') throw error.reason;
        runtime.log({ level: 'warn', event: 'set_refused', jti, err: error.code, why: error.reason.message });
        return { jti, err: error.code, description: error.description };
      }
    };

    return {
      async poll(kept, signal) {
        const { sets, moreAvailable } = await fetchSets(runtime, stream, readPollCursor(kept), signal);
        const cameAtInMs = runtime.now();
        const told: Told[] = [];
        const ack: string[] = [];
        const errs: SetError[] = [];
        for (const [jti, token] of sets) {
          const result = await take(jti, token, cameAtInMs);
          if ('err' in result) {
            errs.push(result);
          } else {
            told.push(result);
            ack.push(jti);
          }
        }
        const cursor: PollCursor = { version: 1, ack, errs };
        return {
          // The members of a JSON object have no order: what happened first is told first.
          events: told
            .toSorted((one, other) => one.occurredAtInMs - other.occurredAtInMs)
            .flatMap(({ events }) => events),
          cursor,
          more: moreAvailable,
          pages: new Map(),
        };
      },
    };
  },
};
