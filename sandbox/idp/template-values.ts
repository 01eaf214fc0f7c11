import { isJsonArray, isJsonObject, isSameJson, type Json, type JsonObject } from '../../scim/json.ts';
import { type GroupEntry, type PersonEntry, roleNames } from './directory.ts';
import type { TemplateValues } from './fill-template.ts';
import type { AttributeRow, Flavor } from './flavor.ts';
import { urns } from './urns.ts';

/** The template values of the requests about a person. */
export function personValues(
  entry: PersonEntry,
  hasRoles: boolean,
  flavor: Flavor,
  current: JsonObject | undefined,
): TemplateValues {
  const { userName, givenName, familyName, displayName, email, department } = entry.attributes;
  const formatted = `${givenName} ${familyName}`;
  const roles = hasRoles ? entry.roles : {};
  const values: TemplateValues = {
    externalId: entry.id,
    userName,
    givenName,
    familyName,
    formatted,
    displayName: displayName ?? formatted,
    email: email ?? userName,
    department,
    active: entry.isAssigned,
    ...roles,
  };
  const roleSchemas = roleNames.some((name) => roles[name] !== undefined) ? [urns.workatoRole] : [];
  const needed = [urns.user, ...(department === undefined ? [] : [urns.enterprise]), ...roleSchemas];
  const known = isJsonArray(current?.schemas) ? current.schemas : [];
  return {
    ...values,
    roleSchemas,
    schemas: [...new Set([...known, ...needed])],
    ...(current !== undefined && { current }),
    ...(current !== undefined && changeValues(flavor, values, current)),
  };
}

/** The template values of the requests about a group. */
export function groupValues(
  entry: GroupEntry,
  people: ReadonlyMap<string, PersonEntry>,
  current: JsonObject | undefined,
): TemplateValues {
  const members = membersToBe(entry, people);
  const added = members.filter(({ value }) => !entry.membersAtService.has(value));
  const wanted = new Set(members.map(({ value }) => value));
  const removed = [...entry.membersAtService].filter((id) => !wanted.has(id)).map((value) => ({ value }));
  return {
    externalId: entry.id,
    displayName: entry.displayName,
    members,
    added,
    removed,
    membersChanged: [...added, ...removed],
    // One operation for all added members, or no operation.
    addedTogether: added.length > 0 ? [{}] : [],
    ...(current !== undefined && { current }),
  };
}

/**
 * The target members at the service: the group's members with the application, once the service
 * knows them. A deactivation removes nobody from a group there.
 */
export function membersToBe(
  entry: GroupEntry,
  people: ReadonlyMap<string, PersonEntry>,
): readonly { readonly value: string; readonly display: string }[] {
  return [...entry.members].flatMap((id) => {
    const person = people.get(id);
    if (person?.scimId === undefined) return [];
    if (!person.isAssigned && !entry.membersAtService.has(person.scimId)) return [];
    return [{ value: person.scimId, display: person.attributes.userName }];
  });
}

interface AttributeChange {
  readonly row: AttributeRow;
  readonly value: Json;
  readonly isNew: boolean;
}

function changeValues(flavor: Flavor, values: TemplateValues, current: JsonObject): TemplateValues {
  const changes = (flavor.attributes ?? []).flatMap((row): AttributeChange[] => {
    const wanted = values[row.from];
    const there = valueAt(current, row.at);
    // Entra ID clears nothing in an application (learn.microsoft.com/entra: clear-attribute-values): unset values stay.
    if (wanted === undefined || isSameJson(wanted, there)) return [];
    const isText = flavor.hasTextBooleans === true && typeof wanted === 'boolean';
    const value = isText ? (wanted ? 'True' : 'False') : wanted;
    return [{ row, value, isNew: there === undefined }];
  });
  const toOperation = ({ row, value }: AttributeChange) => ({ path: row.path, value });
  const replaced = changes.filter(({ isNew }) => !isNew);
  const isFiltered = ({ row }: AttributeChange) => row.path.includes('[');
  const plain = replaced.filter((change) => !isFiltered(change)).map(toOperation);
  return {
    changes: changes.map(toOperation),
    additions: changes.filter(({ isNew }) => isNew).map(toOperation),
    replacements: replaced.map(toOperation),
    filteredReplacements: replaced.filter(isFiltered).map(toOperation),
    // With the flag, a single attribute keeps its path, such as "active"; several are sent without a path.
    plainReplacements:
      plain.length < 2
        ? plain
        : [{ value: Object.fromEntries(plain.map(({ path, value }) => [path, value])) }],
  };
}

function valueAt(resource: JsonObject, at: AttributeRow['at']): Json | undefined {
  let value: Json | undefined = resource;
  for (const part of at) {
    if (typeof part === 'string') value = isJsonObject(value) ? value[part] : undefined;
    else value = isJsonArray(value) ? value.find((item) => hasMembers(item, part)) : undefined;
  }
  return value;
}

function hasMembers(item: Json, members: Readonly<Record<string, string>>): boolean {
  return isJsonObject(item) && Object.entries(members).every(([name, value]) => item[name] === value);
}
