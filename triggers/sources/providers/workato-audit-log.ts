import { type PushSource, settingsAs } from '../source.ts';
import { accepted, createPushReceiver, readJson, requirePost } from '../webhook-auth/request-checks.ts';
import { activeSecrets, requireSecret, weakSecretOf } from '../webhook-auth/shared-secret.ts';
import { createAuditEntryReader } from './workato-audit-events.ts';

interface Settings {
  readonly bearerToken: string;
  readonly previousBearerToken?: string;
}

/** The audit log of a Workato workspace, streamed to a REST endpoint: one event at a time. */
export const workatoAuditLog: PushSource = {
  type: 'workato_audit_log',
  delivery: 'push',
  // Workato uses its own numbers for members.
  usesScimIds: false,
  connects: false,
  open(context, given) {
    const settings = settingsAs<Settings>(given);
    const tokens = activeSecrets('bearerToken', settings.bearerToken, settings.previousBearerToken);
    const read = createAuditEntryReader(context, 'workato_audit_log');
    return createPushReceiver({
      weakSecret: weakSecretOf('bearerToken', settings.bearerToken, 'previousBearerToken'),
      check(head) {
        requirePost(head);
        // Workato is configured with a header: some administrators include "Bearer", some do not.
        requireSecret(context.platform.crypto, head, tokens, 'either');
      },
      read(request) {
        const message = readJson(request.body);
        const entries: readonly unknown[] = Array.isArray(message) ? message : [message];
        return accepted(entries.flatMap(read), 200);
      },
    });
  },
};
