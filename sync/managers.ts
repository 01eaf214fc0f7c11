import type { ResourceDefinition } from '../connector/definition/definition.ts';
import type { Resource } from '../connector/resource.ts';
import { isRecord } from '../schemas/is-record.ts';
import { foldCase } from '../scim/fold-case.ts';

/** The path of the ID of a user's manager; undefined if the resource has none. */
export function managerPathOf({ extensions, extensionAttributes }: ResourceDefinition): string | undefined {
  const urn = extensions.find((one) => extensionAttributes[one]?.some(({ name }) => name === 'manager'));
  return urn === undefined ? undefined : `${urn}:manager.value`;
}

/** By what a desired state can name a user as a manager. */
export function managerKeysOf({ id, userName, externalId, emails }: Resource): readonly string[] {
  const addresses = (Array.isArray(emails) ? emails : []).map((item) => (isRecord(item) ? item.value : item));
  const texts = [userName, ...addresses].flatMap((value) =>
    typeof value === 'string' ? [foldCase(value)] : [],
  );
  return [...texts, ...(typeof externalId === 'string' ? [externalId] : []), id];
}
