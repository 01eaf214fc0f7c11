import { playQuirks, type QuirkName } from '../../sandbox/quirks/catalog.ts';
import { groupType, userType } from '../../sandbox/scim/schema/resource-types.ts';
import { bearerAuthenticator } from '../../sandbox/scim/service/bearer-authenticator.ts';
import type { Commit } from '../../sandbox/scim/service/commit-hooks.ts';
import {
  createScimService,
  type ScimServiceOptions,
} from '../../sandbox/scim/service/create-scim-service.ts';
import { createStore } from '../../sandbox/scim/store/create-store.ts';
import {
  bulkUrn,
  enterpriseUrn,
  errorUrn,
  groupUrn,
  listUrn,
  patchUrn,
  roleUrn,
  searchUrn,
  userUrn,
} from './scim-urns.ts';

export { bulkUrn, enterpriseUrn, errorUrn, groupUrn, listUrn, patchUrn, roleUrn, searchUrn, userUrn };

export const token = 'secret';
export const baseUrl = 'https://example.com/v2';

/** A response with its body as plain data; `body` is empty without one. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
}

export type FixtureOptions = Partial<
  Pick<ScimServiceOptions, 'limits' | 'hooks' | 'unknownMembers' | 'cursorPagination'>
> & { readonly quirks?: readonly QuirkName[] };

/** A SCIM service in memory with a clock that stands still until it is set. */
export function makeService({ quirks = [], ...options }: FixtureOptions = {}) {
  let nowMs = Date.parse('2026-01-01T00:00:00.000Z');
  const commits: Commit[] = [];
  const errors: unknown[] = [];
  const store = createStore([userType, groupType]);
  const service = createScimService({
    baseUrl,
    resourceTypes: [userType, groupType],
    store,
    authenticate: bearerAuthenticator(token, { name: 'tester' }),
    now: () => new Date(nowMs),
    hooks: { beforeCommit: (commit) => void commits.push(commit) },
    onInternalError: (error) => void errors.push(error),
    interceptors: playQuirks(quirks, { now: () => new Date(nowMs), list: (type) => store.list(type) }),
    ...options,
  });

  /** Sends a request; a body that is no string is sent as JSON. */
  function call(
    method: string,
    url: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Answer {
    const [path = '', ...query] = url.split('?');
    const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    const response = service({
      method,
      path,
      query: query.join('?'),
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/scim+json', ...headers },
      ...(text !== undefined && { body: text }),
    });
    return {
      status: response.status,
      headers: response.headers,
      body: response.body === undefined ? {} : JSON.parse(JSON.stringify(response.body)),
    };
  }

  /** Creates a resource and returns its id. */
  function created(path: string, body: object): string {
    const answer = call('POST', path, body);
    if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
    return String(answer.body.id);
  }

  return {
    call,
    commits,
    errors,
    store,
    tick: (ms: number) => {
      nowMs += ms;
    },
    user: (userName: string, more: object = {}) =>
      created('/Users', { schemas: [userUrn], userName, ...more }),
    group: (displayName: string, memberIds: readonly string[] = []) =>
      created('/Groups', {
        schemas: [groupUrn],
        displayName,
        members: memberIds.map((value) => ({ value })),
      }),
    patch: (url: string, ...operations: readonly object[]) =>
      call('PATCH', url, { schemas: [patchUrn], Operations: operations }),
    search: (type: 'Users' | 'Groups', query: Readonly<Record<string, string>>) =>
      call('GET', `/${type}?${new URLSearchParams(query).toString()}`),
  };
}

/** The names of the resources in a list, by one of their attributes. */
export function names({ body }: Answer, attribute = 'userName'): readonly unknown[] {
  const resources = body.Resources;
  return Array.isArray(resources) ? resources.map((resource) => resource[attribute]) : [];
}
