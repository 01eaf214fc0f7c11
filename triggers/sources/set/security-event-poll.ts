import type { ProvisioningEvent } from '../../../connector/event.ts';
import { type PullSource, settingsAs } from '../source.ts';
import { RejectedRequest, toUtf8 } from '../webhook-auth/request-checks.ts';
import { secureUrl } from '../webhook-auth/secure-url.ts';
import {
  fetchSets,
  firstCursor,
  type PollCursor,
  readPollCursor,
  type SetError,
  type SetStream,
} from './fetch-sets.ts';
import { createSetReader } from './set-events.ts';
import { createSetVerifier, type SetExpectations } from './verify-set.ts';

interface Settings extends SetExpectations, SetStream {
  readonly treatInactivePutAsDeactivation: boolean;
}

interface Report {
  readonly occurredAtInMs: number;
  readonly events: readonly ProvisioningEvent[];
}

/**
 * Security event tokens about SCIM resources (RFC 9967), fetched (RFC 8936). The tokens of one poll are acknowledged by the
 * next. An invalid token is reported to the provider and the log, and does not block others; one that cannot be
 * verified now, since the keys cannot be fetched, fails the poll, and nothing of it is acknowledged.
 */
export const securityEventPoll: PullSource = {
  type: 'security_event_poll',
  delivery: 'pull',
  usesScimIds: true,
  connects: true,
  open(context, given) {
    const settings = settingsAs<Settings>(given);
    const { platform } = context;
    const stream: SetStream = { ...settings, pollUrl: secureUrl('pollUrl', settings.pollUrl) };
    const { verify, testKeys } = createSetVerifier(platform, {
      ...settings,
      jwksUrl: secureUrl('jwksUrl', settings.jwksUrl),
    });
    const read = createSetReader(context, {
      source: 'security_event_poll',
      treatInactivePutAsDeactivation: settings.treatInactivePutAsDeactivation,
    });

    const take = async (jti: string, token: string, receivedAtInMs: number): Promise<Report | SetError> => {
      try {
        const set = await verify(toUtf8(token), receivedAtInMs);
        if (set.id !== jti) {
          throw new RejectedRequest('invalid_request', {
            what: 'The "jti" of the token is not the one that it was returned under.',
            nextStep: 'Contact the provider.',
          });
        }
        return { occurredAtInMs: set.occurredAtInMs, events: read(set) };
      } catch (error) {
        if (!(error instanceof RejectedRequest)) throw error;
        if (error.code === 'unavailable') throw error.reason;
        platform.log({
          level: 'warn',
          event: 'set_rejected',
          jti,
          err: error.code,
          why: error.reason.message,
        });
        return { jti, err: error.code, description: error.description };
      }
    };

    return {
      async poll(kept, signal) {
        const before = readPollCursor(kept);
        const { sets, moreAvailable } = await fetchSets(platform, stream, before, signal);
        const receivedAtInMs = platform.now();
        const reports: Report[] = [];
        const ack: string[] = [];
        const errs: SetError[] = [];
        for (const [jti, token] of sets) {
          const result = await take(jti, token, receivedAtInMs);
          if ('err' in result) {
            errs.push(result);
          } else {
            reports.push(result);
            ack.push(jti);
          }
        }
        const cursor: PollCursor = { version: 1, ack, errs };
        return {
          // The members of a JSON object have no order: the earliest event is reported first.
          events: reports
            .toSorted((one, other) => one.occurredAtInMs - other.occurredAtInMs)
            .flatMap(({ events }) => events),
          cursor,
          // Only tokens that are new make progress: a stream that always has more to offer is read at the interval.
          more: moreAvailable && ack.some((jti) => !before.ack.includes(jti)),
          pages: new Map(),
        };
      },
      async testConnection() {
        await testKeys();
        // RFC 8936 §2.4: a poll for no events returns at once, and acknowledges nothing here.
        await fetchSets(platform, { ...stream, maxEvents: 0 }, firstCursor);
      },
    };
  },
};
