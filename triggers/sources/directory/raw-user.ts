import { isRecord } from '../../../schemas/is-record.ts';

/** What is about the record at the provider, not about the person, or is told better elsewhere. */
const left: ReadonlySet<string> = new Set(['id', 'meta', 'groups', 'password']);

/**
 * The user as the identity provider sent it, where a source passes that on and it is SCIM; an empty object where it is
 * something else, such as a directory's own form.
 *
 * @param schema the URI of the schema of users.
 */
export function rawUser(raw: unknown, schema: string): Readonly<Record<string, unknown>> {
  if (!isRecord(raw)) return {};
  const schemas: readonly unknown[] = Array.isArray(raw.schemas) ? raw.schemas : [];
  const isScim = schemas.some((one) => String(one).toLowerCase() === schema.toLowerCase());
  return isScim ? Object.fromEntries(Object.entries(raw).filter(([name]) => !left.has(name))) : {};
}
