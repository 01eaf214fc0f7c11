import type { ResourceDefinition } from '../../../connector/definition/definition.ts';
import type { ProvisioningEvent } from '../../../connector/event.ts';
import type { SourceType } from '../../../connector/manifest/source.zod.ts';
import { isRecord } from '../../../schemas/is-record.ts';
import { isSameJson } from '../../../scim/json.ts';
import { readTime } from '../../../scim/timestamps.ts';
import { changesBetween, changeTo } from '../../changes.ts';
import type { SourceContext } from '../source.ts';
import { RejectedRequest } from '../webhook-auth/request-checks.ts';
import {
  createDirectoryReader,
  type DirectorySync,
  rawUser,
  type Values,
  withoutEmpty,
} from './directory-reader.ts';

/** The events that are mapped or logged. The Events API has no wildcard. */
export const workosEventNames: readonly string[] = [
  'dsync.user.created',
  'dsync.user.updated',
  'dsync.user.deleted',
  'dsync.group.created',
  'dsync.group.updated',
  'dsync.group.deleted',
  'dsync.group.user_added',
  'dsync.group.user_removed',
  'dsync.deleted',
];

/** Maps one event of WorkOS. @throws RejectedRequest if it is not an event */
export type WorkosEventReader = (event: unknown) => readonly ProvisioningEvent[];

/**
 * Creates the reader of WorkOS events. An event has the same ID in a webhook and in the Events API
 * (workos.com/docs/events/data-syncing/events-api), so that its keys are the same, too.
 *
 * @param source the source that reports the events.
 */
export function createWorkosEventReader(context: SourceContext, source: SourceType): WorkosEventReader {
  const { platform } = context;
  const read = createDirectoryReader(context, { ...sync, source });
  return (message) => {
    const { id, event, data, created_at: createdAt } = isRecord(message) ? message : {};
    if (typeof id !== 'string' || id === '' || typeof event !== 'string' || !isRecord(data)) {
      throw new RejectedRequest('invalid_request', {
        what: 'The message has no "id", "event", or "data".',
        nextStep: 'Check that the sender is WorkOS.',
      });
    }
    // A directory was unlinked: WorkOS names no users, and no access at the provider ended.
    if (event === 'dsync.deleted')
      platform.log({ level: 'warn', event: 'directory_unlinked', source, directory: data.id });
    const name = /^dsync\.(.+)$/.exec(event)?.[1];
    const occurredAtInMs = readTime(createdAt) ?? platform.now();
    return name === undefined ? [] : read({ id, name, occurredAtInMs, data });
  };
}

const sync: Omit<DirectorySync, 'source'> = {
  keyPrefix: 'workos',
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
