import type { ResourceDefinition } from '../../../connector/definition/definition.ts';
import { isRecord } from '../../../schemas/is-record.ts';
import type { Values } from './directory-reader.ts';
import { rawUser } from './raw-user.ts';
import { withoutEmpty } from './without-empty.ts';

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
      // Entra ID's "False" arrives here as it was sent; the normalizer makes a boolean of it.
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
