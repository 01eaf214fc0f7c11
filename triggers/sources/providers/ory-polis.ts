import type { ResourceDefinition } from '../../../connector/definition/definition.ts';
import type { ProvisioningEvent } from '../../../connector/event.ts';
import { isRecord } from '../../../schemas/is-record.ts';
import { changeTo } from '../../changes.ts';
import { type PushSource, settingsAs } from '../source.ts';
import {
  accepted,
  createPushReceiver,
  RejectedRequest,
  readEach,
  readJson,
  requireMediaType,
  requirePost,
  toUtf8,
} from '../webhook-auth/request-checks.ts';
import { activeSecrets } from '../webhook-auth/shared-secret.ts';
import { checkSignatureHeader, checkSignedBody, type SignedBody } from '../webhook-auth/signed-body.ts';
import {
  createDirectoryReader,
  type DirectorySync,
  rawUser,
  type Values,
  withoutEmpty,
} from './directory-reader.ts';

interface Settings {
  readonly secret: string;
  readonly previousSecret?: string;
  readonly maxAgeInSeconds: number;
}

const source = 'ory_polis';

const sync: DirectorySync = {
  source,
  keyPrefix: source,
  toScim: { User: polisUser, Group: polisGroup },
  // In a membership message, the user is at the top level and contains the group.
  pairOf: (data) => ({ group: data.group, user: data }),
  changesOf({ resource, state }) {
    // Polis reports an update of a group only if its name was set.
    if (resource.name === 'Group')
      return { changes: [changeTo('displayName', state.displayName ?? null)], evenWithoutChanges: true };
    // It never reports what an update changed, and its only message for a deactivation is an update of a user who
    // is inactive: if this were not reported as a deactivation, every leaver would be missed.
    const isOut = state.active === false;
    return { changes: isOut ? [changeTo('active', false)] : [], evenWithoutChanges: !isOut };
  },
};

/** Directory sync of Ory Polis, formerly BoxyHQ SAML Jackson, by webhook: one event, or a list of them. */
export const oryPolis: PushSource = {
  type: source,
  delivery: 'push',
  usesScimIds: false,
  connects: false,
  open(context, given) {
    const settings = settingsAs<Settings>(given);
    const { crypto, log } = context.platform;
    const read = createDirectoryReader(context, sync);
    const signature = {
      header: 'boxyhq-signature',
      key: 's',
      secrets: activeSecrets('secret', settings.secret, settings.previousSecret),
      maxAgeInMs: settings.maxAgeInSeconds * 1000,
    };

    const readOne = (message: unknown, id: string, occurredAtInMs: number): readonly ProvisioningEvent[] => {
      const { event, data } = isRecord(message) ? message : {};
      if (typeof event !== 'string' || !isRecord(data)) {
        throw new RejectedRequest('invalid_request', {
          what: 'The message has no "event" or "data".',
          nextStep: 'Check that the sender is a directory sync connection of Ory Polis.',
        });
      }
      return read({ id, name: event, occurredAtInMs, data });
    };

    const readAll = async (
      message: unknown,
      { signed, signedAtInMs }: SignedBody,
    ): Promise<readonly ProvisioningEvent[]> => {
      // Polis events have no ID. A retry is the same message, including its time, which serves as one. A batch is
      // composed and signed again, so its events get different keys: without the time, two changes that
      // look alike would have one key, and the second would be lost.
      const id = toHex(await crypto.hmacSha256(toUtf8(source), signed)).slice(0, 32);
      if (!Array.isArray(message)) return readOne(message, id, signedAtInMs);
      return readEach(
        message,
        (one, index) => readOne(one, `${id}.${index}`, signedAtInMs),
        // It would be repeated with every batch, and block all others.
        ({ description: why }) => log({ level: 'warn', event: 'event_ignored', source, why }),
      );
    };

    return createPushReceiver({
      check(head) {
        requirePost(head);
        requireMediaType(head, ['application/json'], true);
        checkSignatureHeader(head, signature);
      },
      async read(request) {
        const body = await checkSignedBody(context, request, signature);
        // Batches count as delivered only with this status.
        return accepted(await readAll(readJson(request.body), body), 200);
      },
    });
  },
};

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** A user of Ory Polis (github.com/boxyhq/jackson, npm/src/directory-sync/types.ts) as a SCIM user. */
export function polisUser({ schema }: ResourceDefinition, user: Values): Values {
  const raw = rawUser(user.raw, schema);
  const { email, roles } = user;
  return {
    schemas: [schema],
    ...raw,
    ...withoutEmpty({
      userName: raw.userName ?? email,
      emails: raw.emails ?? (typeof email === 'string' && email !== '' ? [{ value: email }] : null),
      roles: Array.isArray(roles) ? roles.map((value) => ({ value })) : null,
      // Entra ID's "False" arrives here unchanged; the normalizer converts it to a boolean.
      active: user.active,
    }),
    name: {
      ...(isRecord(raw.name) && raw.name),
      ...withoutEmpty({ givenName: user.first_name, familyName: user.last_name }),
    },
    id: user.id,
  };
}

/** A group of Ory Polis as a SCIM group; it does not show its members. */
export function polisGroup({ schema }: ResourceDefinition, { id, name, raw }: Values): Values {
  const externalId = isRecord(raw) ? raw.externalId : undefined;
  return { schemas: [schema], ...withoutEmpty({ externalId, displayName: name }), id };
}
