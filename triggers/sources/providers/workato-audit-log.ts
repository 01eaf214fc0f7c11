import { type PushSource, settingsAs } from '../source.ts';
import {
  accepted,
  createPushReceiver,
  readEach,
  readJson,
  requirePost,
} from '../webhook-auth/request-checks.ts';
import { activeSecrets, requireSecret, weakSecretOf } from '../webhook-auth/shared-secret.ts';
import { createAuditEntryReader } from './workato-audit-events.ts';

interface Settings {
  readonly bearerToken: string;
  readonly previousBearerToken?: string;
}

const source = 'workato_audit_log';

/** The audit log of a Workato workspace, streamed to a REST endpoint: one event at a time. */
export const workatoAuditLog: PushSource = {
  type: source,
  delivery: 'push',
  // Workato uses its own numbers for members.
  usesScimIds: false,
  connects: false,
  open(context, given) {
    const settings = settingsAs<Settings>(given);
    const tokens = activeSecrets('bearerToken', settings.bearerToken, settings.previousBearerToken);
    const read = createAuditEntryReader(context, source);
    return createPushReceiver({
      weakSecret: weakSecretOf('bearerToken', settings.bearerToken, 'previousBearerToken'),
      check(head) {
        requirePost(head);
        // Workato is configured with a header: some administrators include "Bearer", some do not.
        requireSecret(context.platform.crypto, head, tokens, 'either');
      },
      read(request) {
        const message = readJson(request.body);
        if (!Array.isArray(message)) return accepted(read(message), 200);
        const events = readEach(message, read, ({ description: why }) =>
          context.platform.log({ level: 'warn', event: 'event_ignored', source, why }),
        );
        return accepted(events, 200);
      },
    });
  },
};
