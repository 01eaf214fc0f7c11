import { isSameJson } from '../../connector/scim/attribute-values.ts';
import { isRecord } from '../../schemas/is-record.ts';
import { createDirectoryReader, type DirectorySync } from './directory/directory-reader.ts';
import { workosBefore, workosGroup, workosUser } from './directory/workos-resources.ts';
import { changeTo } from './event-mapping/changes.ts';
import { resourceChanges } from './event-mapping/resource-changes.ts';
import { readTime } from './event-mapping/timestamps.ts';
import type { PushSource } from './source.ts';
import { accepted } from './webhook-auth/accepted.ts';
import { activeSecrets } from './webhook-auth/active-secrets.ts';
import { readJson } from './webhook-auth/read-json.ts';
import { readSettings } from './webhook-auth/read-settings.ts';
import { RejectedRequest, respondToRejections } from './webhook-auth/rejected-request.ts';
import { requireMediaType, requirePost } from './webhook-auth/request-checks.ts';
import { checkSignedBody } from './webhook-auth/signed-body.ts';

interface Settings {
  readonly secret: string;
  readonly previousSecret?: string;
  readonly maxAgeInSeconds: number;
}

const source = 'workos';

const sync: DirectorySync = {
  source,
  toScim: { User: workosUser, Group: workosGroup },
  pairOf: ({ group, user }) => ({ group, user }),
  changesOf({ resource, shown, state, read }) {
    const previous = shown.previous_attributes;
    if (isRecord(previous)) {
      const before = workosBefore(shown, previous);
      const changes = resourceChanges(resource, read(before), state);
      // What has no name in SCIM has changed all the same.
      return { changes, evenWithoutChanges: changes.length === 0 && !isSameJson(before, shown) };
    }
    // Without what was before, somebody who may not come in is taken for one who could until now.
    const isOut = state.active === false;
    return { changes: isOut ? [changeTo('active', false)] : [], evenWithoutChanges: !isOut };
  },
};

/** Directory Sync of WorkOS, by webhook (workos.com/docs/events/data-syncing/webhooks). */
export const workos: PushSource = {
  type: source,
  delivery: 'push',
  usesScimIds: false,
  open(context, given) {
    const settings = readSettings<Settings>(context, source, given);
    const { platform } = context;
    const read = createDirectoryReader(context, sync);
    const signature = {
      header: 'workos-signature',
      key: 'v1',
      secrets: activeSecrets('secret', settings.secret, settings.previousSecret),
      maxAgeInMs: settings.maxAgeInSeconds * 1000,
    };

    const readWebhook = (message: unknown) => {
      const { id, event, data, created_at: createdAt } = isRecord(message) ? message : {};
      if (typeof id !== 'string' || id === '' || typeof event !== 'string' || !isRecord(data)) {
        throw new RejectedRequest('invalid_request', {
          what: 'The message has no "id", "event" or "data".',
          nextStep: 'Check that the sender is a webhook of WorkOS.',
        });
      }
      // The link to a directory was cut: WorkOS names nobody, and that ended nobody's access at the provider.
      if (event === 'dsync.deleted')
        platform.log({ level: 'warn', event: 'directory_unlinked', source, directory: data.id });
      const name = /^dsync\.(.+)$/.exec(event)?.[1];
      const occurredAtInMs = readTime(createdAt) ?? platform.now();
      return name === undefined ? [] : read({ id, name, occurredAtInMs, data });
    };

    return {
      receive: (request) =>
        respondToRejections(async () => {
          requirePost(request);
          requireMediaType(request, ['application/json'], true);
          await checkSignedBody(context, request, signature);
          return accepted(readWebhook(readJson(request.body)), 200);
        }),
    };
  },
};
