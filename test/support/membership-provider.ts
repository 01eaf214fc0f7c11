import { pageOf } from './start-list-server.ts';
import type { ProviderResponse } from './start-provider.ts';

/** How a provider of users who show no groups shows and changes who is in a group. */
export interface MembershipHabits {
  /** What a filter by member does; without it, filters are ignored. */
  readonly filter?: 'works' | 'rejected' | 'silent';
  /** The list of groups shows no members. */
  readonly lists?: 'hide';
  /** A group that is read by ID shows no members. */
  readonly byId?: 'hide';
  /** The groups that another user shows. */
  readonly others?: readonly object[];
  readonly more?: { readonly id: string; readonly members: readonly object[] };
  /** What becomes of the removal of a non-member; without it, it changes nothing. */
  readonly nonMember?: 'noTarget' | 'missing' | 'rejected';
  /** What becomes of removals from some groups, by ID; `unauthorized` rejects the token. */
  readonly removal?: Readonly<Record<string, 'ignored' | 'rejected' | 'unauthorized' | 'broken'>>;
  /** How many groups without members there are, next to the others: e1, e2, … */
  readonly empty?: number;
  /** A group of the list has no ID. */
  readonly unreadable?: true;
}

interface Group {
  readonly id: string;
  readonly displayName?: string;
  readonly members: readonly object[];
}

const errorUrn = 'urn:ietf:params:scim:api:messages:2.0:Error';
const userIds = ['u1', 'u2', 'u3'];
const withoutMembers = ({ members: _, ...group }: Group): object => group;
const memberOf = (one: object): unknown => Object(one).value;

/**
 * A provider of the users u1, u2, and u3, and of the groups g1 and g2, of which the first has u1. Every PATCH of a group
 * removes u1, and every PATCH of a user deactivates it.
 */
export function membershipProvider(
  habits: MembershipHabits,
): (request: string, query: URLSearchParams) => ProviderResponse {
  const { filter, lists, byId, others, more, nonMember, removal = {}, unreadable, empty = 0 } = habits;
  const groups = new Map<string, Group>(
    [
      { id: 'g1', displayName: 'One', members: [{ value: 'u1' }] },
      { id: 'g2', displayName: 'Two', members: [] },
      ...(more === undefined ? [] : [more]),
      ...Array.from({ length: empty }, (_, at) => ({ id: `e${at + 1}`, members: [] })),
    ].map((group) => [group.id, group]),
  );
  const inactive = new Set<string>();
  const userOf = (id: string): object => ({ id, userName: `${id}@example.com`, active: !inactive.has(id) });

  const patchGroup = (group: Group): ProviderResponse => {
    const fate = removal[group.id];
    if (fate === 'rejected') return { status: 403, body: { detail: 'The group is managed elsewhere.' } };
    if (fate === 'unauthorized') return { status: 401, body: {} };
    if (fate === 'broken') return { status: 409, body: { detail: 'The group is locked.' } };
    const isMember = group.members.some((one) => memberOf(one) === 'u1');
    if (!isMember && nonMember === 'noTarget')
      return { status: 400, body: { schemas: [errorUrn], status: '400', scimType: 'noTarget' } };
    if (!isMember && nonMember === 'missing') return { status: 404, body: {} };
    if (!isMember && nonMember === 'rejected') return { status: 400, body: {} };
    if (fate !== 'ignored')
      groups.set(group.id, { ...group, members: group.members.filter((one) => memberOf(one) !== 'u1') });
    return { status: 204, body: undefined };
  };

  return (request, query) => {
    const [method, kind, id] = request.split(/ \/|\//);
    const page = (all: readonly object[]): object => pageOf(all, Object.fromEntries(query));
    if (kind === 'Users' && id === undefined)
      return {
        body: page(
          userIds.map((one) => ({
            ...userOf(one),
            ...(one === 'u3' && others && { groups: others }),
          })),
        ),
      };
    if (kind === 'Users' && id !== undefined) {
      if (!userIds.includes(id)) return { status: 404, body: {} };
      if (method === 'PATCH') inactive.add(id);
      return { body: userOf(id) };
    }
    if (kind !== 'Groups') return { status: 404, body: {} };
    const all = [...groups.values()];
    if (id === undefined) {
      const asked = /^members\.value eq "(.*)"$/.exec(query.get('filter') ?? '')?.[1];
      if (asked !== undefined && filter === 'rejected') return { status: 400, body: {} };
      if (asked !== undefined && filter === 'silent') return { body: pageOf([], {}) };
      const isMember = ({ members }: Group): boolean => members.some((one) => memberOf(one) === asked);
      const found = filter === 'works' && asked !== undefined ? all.filter(isMember) : all;
      const shown: readonly object[] = lists === 'hide' ? found.map(withoutMembers) : found;
      return { body: page(unreadable === true ? [...shown, { displayName: 'Three' }] : shown) };
    }
    const group = groups.get(id);
    if (group === undefined) return { status: 404, body: {} };
    if (method === 'PATCH') return patchGroup(group);
    return { body: byId === 'hide' ? withoutMembers(group) : group };
  };
}
