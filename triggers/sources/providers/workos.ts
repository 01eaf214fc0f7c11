import type { ResourceDefinition } from '../../../connector/definition/definition.ts';
import { isRecord } from '../../../schemas/is-record.ts';
import { isSameJson } from '../../../scim/json.ts';
import { readTime } from '../../../scim/timestamps.ts';
import { changesBetween, changeTo } from '../../changes.ts';
import { type PushSource, settingsAs } from '../source.ts';
import { readJson } from '../webhook-auth/read-json.ts';
import {
  accepted,
  createPushReceiver,
  RejectedRequest,
  requireMediaType,
  requirePost,
} from '../webhook-auth/request-checks.ts';
import { activeSecrets } from '../webhook-auth/shared-secret.ts';
import { checkSignatureHeader, checkSignedBody } from '../webhook-auth/signed-body.ts';
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

const source = 'workos';

const sync: DirectorySync = {
  source,
  toScim: { User: workosUser, Group: workosGroup },
  pairOf: ({ group, user }) => ({ group, user }),
  changesOf({ resource, shown, state, read }) {
    const previous = shown.previous_attributes;
    if (isRecord(previous)) {
      const before = workosBefore(shown, previous);
      const changes = changesBetween(resource, read(before), state);
      // An attribute without a name in SCIM has changed nevertheless.
      return { changes, evenWithoutChanges: changes.length === 0 && !isSameJson(before, shown) };
    }
    // Without the previous state, an inactive user counts as a user who was active before.
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
    const settings = settingsAs<Settings>(given);
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
          what: 'The message has no "id", "event", or "data".',
          nextStep: 'Check that the sender is a WorkOS webhook.',
        });
      }
      // A directory was unlinked: WorkOS names no users, and no access at the provider ended.
      if (event === 'dsync.deleted')
        platform.log({ level: 'warn', event: 'directory_unlinked', source, directory: data.id });
      const name = /^dsync\.(.+)$/.exec(event)?.[1];
      const occurredAtInMs = readTime(createdAt) ?? platform.now();
      return name === undefined ? [] : read({ id, name, occurredAtInMs, data });
    };

    return createPushReceiver({
      check(head) {
        requirePost(head);
        requireMediaType(head, ['application/json'], true);
        checkSignatureHeader(head, signature);
      },
      async read(request) {
        await checkSignedBody(context, request, signature);
        return accepted(readWebhook(readJson(request.body)), 200);
      },
    });
  },
};

const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

/** A directory user of WorkOS (workos.com/docs/reference/directory-sync/directory-user) as a SCIM user. */
export function workosUser({ schema }: ResourceDefinition, user: Values): Values {
  const raw = rawUser(user.raw_attributes, schema);
  const custom = isRecord(user.custom_attributes) ? user.custom_attributes : {};
  const emails = [user.emails, custom.emails, user.email].find((value) => hasValue(value));
  const email = Array.isArray(emails) ? firstEmail(emails) : emails;
  const extension = withoutEmpty({
    department: custom.department_name ?? custom.department,
    division: custom.division_name,
    costCenter: custom.cost_center_name,
  });
  return {
    schemas: [schema],
    ...raw,
    ...withoutEmpty({
      externalId: user.idp_id,
      userName: user.username ?? custom.username ?? raw.userName ?? email,
      displayName: raw.displayName ?? user.name,
      title: user.job_title ?? custom.job_title,
      userType: custom.employee_type,
      emails: Array.isArray(emails) ? emails : hasValue(emails) ? [{ value: emails, primary: true }] : null,
      roles: rolesOf(user),
      // In every other state, the user has no access.
      active: typeof user.state === 'string' ? user.state === 'active' : null,
    }),
    name: {
      ...(isRecord(raw.name) && raw.name),
      ...withoutEmpty({ givenName: user.first_name, familyName: user.last_name }),
    },
    ...(Object.keys(extension).length > 0 && {
      [enterprise]: { ...(isRecord(raw[enterprise]) && raw[enterprise]), ...extension },
    }),
    id: user.id,
  };
}

/** A directory group of WorkOS as a SCIM group; it does not show its members. */
export function workosGroup({ schema }: ResourceDefinition, { id, idp_id, name }: Values): Values {
  return { schemas: [schema], ...withoutEmpty({ externalId: idp_id, displayName: name }), id };
}

/** The state of a user or group before an update, of which WorkOS sends the changed attributes. */
export function workosBefore(after: Values, previous: Values): Values {
  return Object.fromEntries([
    ...Object.entries(after),
    ...Object.entries(previous).map(([name, value]) => {
      const now = after[name];
      return [name, isRecord(value) && isRecord(now) ? workosBefore(now, value) : value];
    }),
  ]);
}

function rolesOf({ roles, role }: Values): readonly { readonly value: unknown }[] | null {
  const all = Array.isArray(roles) ? roles : hasValue(role) ? [role] : [];
  const slugs = all.map((one) => (isRecord(one) ? one.slug : one)).filter(hasValue);
  return slugs.length > 0 ? slugs.map((value) => ({ value })) : null;
}

function firstEmail(emails: readonly unknown[]): unknown {
  const all = emails.filter(isRecord);
  return (all.find(({ primary }) => primary === true) ?? all[0])?.value;
}

function hasValue(value: unknown): boolean {
  return (
    value !== undefined && value !== null && value !== '' && !(Array.isArray(value) && value.length === 0)
  );
}
