import { readConnection } from '../../connector/connection.ts';
import type { HttpRequest, HttpResponse } from '../../connector/platform.ts';
import { type ProbeOptions, probeProvider } from '../../probe/probe-provider.ts';
import type { ProbeReport } from '../../probe/report.ts';
import { playQuirks, type QuirkName } from '../../sandbox/quirks/catalog.ts';
import { groupType, userType } from '../../sandbox/scim/schema/resource-types.ts';
import { bearerAuthenticator } from '../../sandbox/scim/service/bearer-authenticator.ts';
import { createScimService } from '../../sandbox/scim/service/create-scim-service.ts';
import { createStore } from '../../sandbox/scim/store/create-store.ts';
import type { Store } from '../../sandbox/scim/store/store.ts';
import { createFakePlatform, type FakePlatform } from './fake-platform.ts';
import { definition } from './open-test-session.ts';
import { groupUrn, roleUrn, userUrn } from './scim-urns.ts';

/** The users and groups of a provider before a probe. */
export interface ProbedDirectory {
  readonly users: number;
  /** Whether it has a group with a nested one, and a large group of all users but the last few. */
  readonly hasGroups: boolean;
}

/** A sandbox in this process with quirks, on a clock that only waits move, and a probe of it. */
export interface ProbeBench {
  readonly platform: FakePlatform;
  /** Runs the probe. */
  probe(options?: ProbeOptions): Promise<ProbeReport>;
  /** The names of all users and groups at the provider. */
  names(): readonly string[];
  /** Creates a resource past the quirks. */
  create(endpoint: string, body: object): string;
  /** What the provider stores. */
  readonly store: Store;
}

/** How a bench deviates from a sandbox: changes a request on its way, or answers it. */
export type Intercept = (
  request: HttpRequest,
  pass: () => Partial<HttpResponse>,
) => Partial<HttpResponse> | Promise<Partial<HttpResponse>>;

const token = 'probe-bench-token';
const baseUrl = 'https://scim.example.com/scim/v2';
/** A directory that is larger than a page, with a group that is larger than 100. */
const large: ProbedDirectory = { users: 137, hasGroups: true };

interface ProbeBenchOptions {
  readonly directory?: ProbedDirectory;
  readonly intercept?: Intercept;
  /** The store of another bench, as it is. */
  readonly store?: Store;
  /** The time at which the bench starts. */
  readonly nowInMs?: number;
}

/** Opens a bench. */
export function openProbeBench(
  quirks: readonly QuirkName[],
  { directory = large, intercept, store: existing, nowInMs }: ProbeBenchOptions = {},
): ProbeBench {
  const store = existing ?? createStore([userType, groupType]);
  const send = (request: HttpRequest): Partial<HttpResponse> => answer(service, request);
  const platform = createFakePlatform(
    (request) => (intercept === undefined ? send(request) : intercept(request, () => send(request))),
    createRandom(),
  );
  const serve = (interceptors: Parameters<typeof createScimService>[0]['interceptors'] = {}) =>
    createScimService({
      baseUrl,
      resourceTypes: [userType, groupType],
      store,
      authenticate: bearerAuthenticator(token, { name: 'bench' }),
      now: () => new Date(platform.now()),
      interceptors,
      onInternalError: (error) => {
        throw error;
      },
    });
  const interceptors = playQuirks(quirks, {
    now: () => new Date(platform.now()),
    list: (type) => store.list(type),
  });
  const { newId, attributes, committed } = interceptors;
  const creator = serve({
    ...(newId !== undefined && { newId }),
    ...(attributes !== undefined && { attributes }),
    ...(committed !== undefined && { committed }),
  });
  const create = (endpoint: string, body: object): string => {
    platform.advance(1000);
    const request = { method: 'POST' as const, url: baseUrl + endpoint, body: JSON.stringify(body) };
    const { status, body: shown = '' } = answer(creator, { ...request, headers: headersOf() });
    if (status !== 201) throw new Error(`${status} ${shown}`);
    return JSON.parse(shown).id;
  };
  if (nowInMs !== undefined) platform.advance(nowInMs - platform.now());
  if (existing === undefined) {
    fill(create, directory);
    platform.advance(600_000);
  }
  const service = serve(interceptors);
  const connection = readConnection(definition.connection.schema, { baseUrl, token });
  return {
    platform,
    store,
    create: (endpoint, body) => create(endpoint, { schemas: [userUrn], ...body }),
    probe: (options) => probeProvider({ definition, connection, platform }, options),
    names: () => [
      ...store.list('User').map(({ attributes }) => String(attributes.userName)),
      ...store.list('Group').map(({ attributes }) => String(attributes.displayName)),
    ],
  };
}

function fill(
  create: (endpoint: string, body: object) => string,
  { users, hasGroups }: ProbedDirectory,
): void {
  const ids = Array.from({ length: users }, (_, at) =>
    create('/Users', {
      schemas: [userUrn, roleUrn],
      userName: `user-${at}@example.com`,
      externalId: `e-${at}`,
      displayName: `User ${at}`,
      name: { givenName: 'User', familyName: `No. ${at}` },
      emails: [{ value: `user-${at}@example.com`, type: 'work', primary: true }],
      active: at % 10 !== 4,
      [roleUrn]: { workato_role: 'Analyst' },
    }),
  );
  if (!hasGroups) return;
  const members = (list: readonly string[]) => list.map((value) => ({ value }));
  const crew = create('/Groups', {
    schemas: [groupUrn],
    displayName: 'Crew',
    members: members(ids.slice(0, 2)),
  });
  create('/Groups', {
    schemas: [groupUrn],
    displayName: 'Nested',
    members: members([crew, ...ids.slice(1, 2)]),
  });
  create('/Groups', { schemas: [groupUrn], displayName: 'Everybody', members: members(ids.slice(0, -5)) });
}

function headersOf(): Record<string, string> {
  return { authorization: `Bearer ${token}`, 'content-type': 'application/scim+json' };
}

function answer(
  service: ReturnType<typeof createScimService>,
  { method, url, headers, body }: Pick<HttpRequest, 'method' | 'url' | 'headers'> & { body?: string },
): HttpResponse {
  const { pathname, search } = new URL(url);
  const response = service({
    method,
    path: pathname.slice(new URL(baseUrl).pathname.length),
    query: search.slice(1),
    headers,
    ...(body !== undefined && { body }),
  });
  return {
    status: response.status,
    headers: { 'content-type': 'application/scim+json', ...response.headers },
    body: response.text ?? (response.body === undefined ? '' : JSON.stringify(response.body)),
  };
}

/** Different numbers, the same ones each time. */
function createRandom(): () => number {
  let state = 1;
  return () => {
    state = (state * 16_807) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
