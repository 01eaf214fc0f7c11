import { accepted } from './receiving/accepted.ts';
import { readSettings, secureUrl } from './receiving/read-settings.ts';
import { receiveSafely } from './receiving/refusal.ts';
import { requireMediaType, requirePost } from './receiving/request-checks.ts';
import { requireSecret } from './receiving/require-secret.ts';
import { secretsInForce } from './receiving/secrets-in-force.ts';
import { createSetReader } from './set/set-events.ts';
import { createSetVerifier, type SetExpectations } from './set/verify-set.ts';
import type { PushSource } from './source.ts';

interface Settings extends SetExpectations {
  readonly putMayDeactivate: boolean;
  readonly bearerToken?: string;
}

/** Security event tokens about SCIM resources (RFC 9967), pushed one at a time (RFC 8935). */
export const securityEventToken: PushSource = {
  type: 'security_event_token',
  delivery: 'push',
  idsAreScim: true,
  open(context, given) {
    const settings = readSettings<Settings>(context, 'security_event_token', given);
    const { runtime } = context;
    const { bearerToken } = settings;
    const tokens = bearerToken === undefined ? undefined : secretsInForce('bearerToken', bearerToken);
    const verify = createSetVerifier(runtime, {
      ...settings,
      jwksUrl: secureUrl('jwksUrl', settings.jwksUrl),
    });
    const read = createSetReader(context, {
      source: 'security_event_token',
      putMayDeactivate: settings.putMayDeactivate,
    });
    return {
      receive: (request) =>
        receiveSafely(async () => {
          requirePost(request);
          if (tokens !== undefined) requireSecret(runtime.crypto, request, tokens, 'bearer');
          requireMediaType(request, ['application/secevent+jwt'], false);
          // RFC 8935 §2.2: 202, with nothing in it.
          return accepted(read(await verify(request.body, runtime.now())), 202);
        }),
    };
  },
};
