import { type PushSource, settingsAs } from '../source.ts';
import {
  accepted,
  createPushReceiver,
  readJson,
  requireMediaType,
  requirePost,
} from '../webhook-auth/request-checks.ts';
import { activeSecrets } from '../webhook-auth/shared-secret.ts';
import { checkSignatureHeader, checkSignedBody } from '../webhook-auth/signed-body.ts';
import { createWorkosEventReader } from './workos-events.ts';

interface Settings {
  readonly secret: string;
  readonly previousSecret?: string;
  readonly maxAgeInSeconds: number;
}

/** Directory Sync of WorkOS, by webhook (workos.com/docs/events/data-syncing/webhooks). */
export const workos: PushSource = {
  type: 'workos',
  delivery: 'push',
  usesScimIds: false,
  connects: false,
  open(context, given) {
    const settings = settingsAs<Settings>(given);
    const read = createWorkosEventReader(context, 'workos');
    const signature = {
      header: 'workos-signature',
      key: 'v1',
      secrets: activeSecrets('secret', settings.secret, settings.previousSecret),
      maxAgeInMs: settings.maxAgeInSeconds * 1000,
    };
    return createPushReceiver({
      check(head) {
        requirePost(head);
        requireMediaType(head, ['application/json'], true);
        checkSignatureHeader(head, signature);
      },
      async read(request) {
        await checkSignedBody(context, request, signature);
        return accepted(read(readJson(request.body)), 200);
      },
    });
  },
};
