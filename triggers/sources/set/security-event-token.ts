import { type PushSource, settingsAs } from '../source.ts';
import {
  accepted,
  createPushReceiver,
  requireMediaType,
  requirePost,
} from '../webhook-auth/request-checks.ts';
import { secureUrl } from '../webhook-auth/secure-url.ts';
import { activeSecrets, requireSecret } from '../webhook-auth/shared-secret.ts';
import { createSetReader } from './set-events.ts';
import { createSetVerifier, type SetExpectations } from './verify-set.ts';

interface Settings extends SetExpectations {
  readonly treatInactivePutAsDeactivation: boolean;
  readonly bearerToken?: string;
}

/** Security event tokens about SCIM resources (RFC 9967), pushed one at a time (RFC 8935). */
export const securityEventToken: PushSource = {
  type: 'security_event_token',
  delivery: 'push',
  usesScimIds: true,
  connects: true,
  open(context, given) {
    const settings = settingsAs<Settings>(given);
    const { platform } = context;
    const { bearerToken } = settings;
    const tokens = bearerToken === undefined ? undefined : activeSecrets('bearerToken', bearerToken);
    const { verify, testKeys } = createSetVerifier(platform, {
      ...settings,
      jwksUrl: secureUrl('jwksUrl', settings.jwksUrl),
    });
    const read = createSetReader(context, {
      source: 'security_event_token',
      treatInactivePutAsDeactivation: settings.treatInactivePutAsDeactivation,
    });
    return createPushReceiver({
      testConnection: testKeys,
      check(head) {
        requirePost(head);
        if (tokens !== undefined) requireSecret(platform.crypto, head, tokens, 'bearer');
        requireMediaType(head, ['application/secevent+jwt'], false);
      },
      // RFC 8935 §2.2: 202 without a body.
      read: async (request) => accepted(read(await verify(request.body, platform.now())), 202),
    });
  },
};
