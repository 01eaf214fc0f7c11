import type { ResourceDefinition } from '../../../connector/definition/definition.ts';

// A second reading of what differs, which shares nothing with scim/: both versions are laid out flat and held together.

/** Which paths differ between two versions, and the JSON of both sides there; `null` is no value. */
export function differNaively(
  definition: ResourceDefinition,
  before: object,
  after: object,
): Readonly<Record<string, readonly [string, string]>> {
  const [was, is] = [layOut(definition, before), layOut(definition, after)];
  const differing: Record<string, readonly [string, string]> = {};
  for (const path of Object.keys({ ...was, ...is })) {
    const sides = [was[path] ?? 'null', is[path] ?? 'null'] as const;
    const isMember = path.startsWith('members[');
    // Who stayed is no difference, whatever is shown of them now.
    if (isMember ? (sides[0] === 'null') !== (sides[1] === 'null') : sides[0] !== sides[1])
      differing[path] = sides;
  }
  return differing;
}

function layOut({ extensions, attributes }: ResourceDefinition, version: object): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(version)) {
    const attribute = attributes.find((one) => one.name === name);
    const isOneObject = attribute?.type === 'complex' && !attribute.multiValued;
    if (['id', 'schemas', 'meta'].includes(name) || value === null) continue;
    if (extensions.includes(name)) spread(flat, `${name}:`, value);
    else if (isOneObject) spread(flat, `${name}.`, value);
    else if (name !== 'members') flat[name] = sorted(value);
    else for (const member of value) flat[`members[value eq "${member.value}"]`] = sorted(member);
  }
  return flat;
}

function spread(flat: Record<string, string>, prefix: string, values: object): void {
  for (const [name, value] of Object.entries(values))
    if (value !== null) flat[`${prefix}${name}`] = sorted(value);
}

/** JSON with the keys of objects in order. */
export function sorted(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([one], [other]) => (one < other ? -1 : 1)))
      : inner,
  );
}
