import type { HttpRequest, HttpResponse } from '../../connector/platform.ts';
import type { Session } from '../../runtime/open-session.ts';
import type { JsonObject } from '../../scim/json.ts';
import { applyPatch } from '../../scim/patch/apply-patch.ts';
import type { IncomingOperation } from '../../scim/patch/read-patch.ts';
import { modelOf } from '../../scim/schema/resource-model.ts';
import { createFakePlatform, type FakePlatform } from './fake-platform.ts';
import { openTestSession, resourceNamed } from './open-test-session.ts';

type Values = Readonly<Record<string, unknown>>;

/** A directory in memory, with a session over it: nothing waits for a socket. */
export interface MemoryDirectory {
  readonly session: Session;
  readonly platform: FakePlatform;
  readonly users: Map<string, Values>;
  readonly groups: Map<string, Values>;
  /** `PATCH /Users/1`: the requests that change something. */
  readonly writes: string[];
  /** Called before a request that changes something; what it returns or throws takes the place of the response. */
  onWrite: (write: string) => Partial<HttpResponse> | undefined;
  /** Called after the change was made; what it returns or throws takes the place of the response. */
  afterWrite: (write: string) => Partial<HttpResponse> | undefined;
  /** How a resource is shown: in a list, or by its ID and after a change; undefined if it is not. */
  show: (resource: Values, where: 'listed' | 'byId') => Values | undefined;
  /** Adds a user. @returns its ID */
  addUser(values: Values): string;
  /** Adds a group. @returns its ID */
  addGroup(displayName: string, members: readonly string[]): string;
  /** Everything in it, to compare two states. */
  state(): unknown;
}

const models = { Users: modelOf(resourceNamed('User')), Groups: modelOf(resourceNamed('Group')) };

/** Opens an empty directory. Usernames and the names of groups are unique, and everything else is as in the RFCs. */
export function openMemoryDirectory(): MemoryDirectory {
  const users = new Map<string, Values>();
  const groups = new Map<string, Values>();
  const writes: string[] = [];
  let lastId = 0;
  const platform = createFakePlatform((request) => respond(request));
  const directory: MemoryDirectory = {
    session: openTestSession(platform),
    platform,
    users,
    groups,
    writes,
    onWrite: () => undefined,
    afterWrite: () => undefined,
    show: (resource) => resource,
    addUser(values) {
      lastId += 1;
      users.set(String(lastId), { id: String(lastId), active: true, ...values });
      return String(lastId);
    },
    addGroup(displayName, members) {
      lastId += 1;
      const id = String(lastId);
      groups.set(id, { id, displayName, members: members.map((value) => ({ value })) });
      return id;
    },
    state: () => ({
      users: Object.fromEntries(users),
      groups: Object.fromEntries([...groups].map(([id, group]) => [id, withSortedMembers(group)])),
    }),
  };

  function respond({ method, url, body }: HttpRequest): Partial<HttpResponse> {
    const { pathname, searchParams } = new URL(url);
    const [kind = '', id] = pathname.replace('/scim/v2/', '').split('/');
    if (kind !== 'Users' && kind !== 'Groups') return json(404, { detail: 'no such endpoint' });
    const resources = kind === 'Users' ? users : groups;
    if (method === 'GET' && id === undefined) {
      const listed = [...resources.values()].flatMap((one) => {
        const shown = directory.show(one, 'listed');
        return shown === undefined ? [] : [shown];
      });
      return json(200, list(listed, searchParams));
    }
    const found = id === undefined ? undefined : resources.get(id);
    const shown = found && directory.show(found, 'byId');
    if (id !== undefined && (method === 'GET' ? shown : found) === undefined)
      return json(404, { detail: `no ${id}` });
    if (method === 'GET') return json(200, shown);
    writes.push(id === undefined ? `${method} /${kind}` : `${method} /${kind}/${id}`);
    const instead = directory.onWrite(writes.at(-1) ?? '');
    if (instead !== undefined) return instead;
    const response = change(kind, method, id, found, JSON.parse(String(body ?? '{}')));
    return directory.afterWrite(writes.at(-1) ?? '') ?? response;
  }

  function change(
    kind: keyof typeof models,
    method: string,
    id: string | undefined,
    found: Values | undefined,
    given: Values,
  ): Partial<HttpResponse> {
    const resources = kind === 'Users' ? users : groups;
    if (method === 'DELETE' && id !== undefined) {
      resources.delete(id);
      return { status: 204 };
    }
    if (id === undefined) lastId += 1;
    const next =
      method === 'PATCH' ? patched(kind, found ?? {}, given) : { ...given, id: id ?? String(lastId) };
    const nameOf = ({ userName, displayName }: Values): string =>
      String(kind === 'Users' ? userName : displayName).toLowerCase();
    const isTaken = [...resources.values()].some(
      (other) => other.id !== next.id && nameOf(other) === nameOf(next),
    );
    if (isTaken)
      return json(409, { status: '409', scimType: 'uniqueness', detail: `${nameOf(next)} is taken` });
    const { schemas: _, ...stored } = next as Record<string, unknown>;
    const created = new Date(platform.now()).toISOString();
    resources.set(String(next.id), id === undefined ? { ...stored, meta: { created } } : stored);
    const changed = resources.get(String(next.id));
    return json(id === undefined ? 201 : 200, changed && directory.show(changed, 'byId'));
  }
  return directory;
}

function patched(kind: keyof typeof models, found: Values, { Operations }: Values): Values {
  return applyPatch(models[kind], found as JsonObject, Operations as readonly IncomingOperation[], {
    shown: () => found as JsonObject,
    maxComparisons: Number.POSITIVE_INFINITY,
  });
}

function list(all: readonly Values[], query: URLSearchParams): Values {
  const [, path = '', value = ''] = /^(\w+) eq "(.*)"$/.exec(query.get('filter') ?? '') ?? [];
  const matching =
    path === '' ? all : all.filter((one) => String(one[path]).toLowerCase() === value.toLowerCase());
  const from = Number(query.get('startIndex') ?? 1) - 1;
  const page = matching.slice(from, from + Number(query.get('count') ?? 100));
  return { totalResults: matching.length, startIndex: from + 1, itemsPerPage: page.length, Resources: page };
}

function json(status: number, body: unknown): Partial<HttpResponse> {
  return { status, headers: { 'content-type': 'application/scim+json' }, body: JSON.stringify(body) };
}

function withSortedMembers(group: Values): Values {
  const members = Array.isArray(group.members) ? group.members.map(({ value }) => value) : [];
  return { ...group, members: members.toSorted() };
}
