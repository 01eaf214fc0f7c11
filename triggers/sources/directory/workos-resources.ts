import type { ResourceDefinition } from '../../../connector/definition/definition.ts';
import { isRecord } from '../../../schemas/is-record.ts';
import type { Values } from './directory-reader.ts';
import { rawUser } from './raw-user.ts';
import { withoutEmpty } from './without-empty.ts';

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
      // Every other state is one in which somebody may not come in.
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

/** What a user or group was before an update, of which WorkOS shows the attributes that changed. */
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
