import { isRecord } from '../schemas/is-record.ts';

/** The schema URIs under which a resource has the attributes of its extensions. */
type ExtensionUri<Resource> = Extract<keyof Resource, `urn:${string}`>;

type Intersection<Union> = (Union extends unknown ? (one: Union) => void : never) extends (
  all: infer All,
) => void
  ? All
  : never;

/**
 * A resource whose extension attributes are next to its own, as {@link flattenExtensions} returns it.
 *
 * @example
 * ```ts
 * const roleOf = ({ workato_role }: Flattened<User>): string => workato_role ?? 'none';
 * ```
 */
export type Flattened<Resource> = Omit<Resource, ExtensionUri<Resource>> &
  Partial<Intersection<NonNullable<Resource[ExtensionUri<Resource>]>>>;

/**
 * Reads extension attributes by the bare names that inputs use, such as `department` and `workato_role`, instead of
 * by the URI of their schema. Works for every extension in the resource, an overlay's included. The resource itself
 * stays as it is.
 *
 * An extension never hides an attribute of the resource's own. A name that two extensions share is omitted: read it
 * under the URI.
 *
 * @example
 * ```ts
 * const user = await connector.actions.get_user({ user: { email: 'ada@example.com' } });
 * const { userName, department, workato_role } = flattenExtensions(user);
 * ```
 */
export function flattenExtensions<Resource extends object>(resource: Resource): Flattened<Resource> {
  const entries = Object.entries(resource);
  const isExtension = ([key, value]: readonly [string, unknown]): boolean =>
    key.startsWith('urn:') && isRecord(value);
  const own = new Map(entries.filter((entry) => !isExtension(entry)));
  const lifted = new Map<string, unknown>();
  const shared = new Set<string>();
  for (const [, extension] of entries.filter(isExtension)) {
    for (const [name, value] of Object.entries(extension)) {
      if (lifted.has(name)) shared.add(name);
      lifted.set(name, value);
    }
  }
  for (const name of shared) lifted.delete(name);
  return Object.fromEntries([...lifted, ...own]) as Flattened<Resource>;
}
