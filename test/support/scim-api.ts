import { enterpriseUrn, groupUrn, patchUrn, userUrn } from './scim-urns.ts';

/** A response, read as JSON where it is JSON. */
export interface PlainResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into responses of every form
  readonly body: any;
}

/** SCIM by plain HTTP, independent of the connector. */
export interface ScimApi {
  send(
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<PlainResponse>;
  get(path: string): Promise<PlainResponse>;
  /** Sends the operations of a PATCH. */
  patch(path: string, ...operations: readonly object[]): Promise<PlainResponse>;
  /** The ListResponse for a query such as `/Users?count=2`. */
  list(path: string): Promise<PlainResponse['body']>;
  /** The ListResponse for a filter. */
  find(type: 'Users' | 'Groups', filter: string): Promise<PlainResponse>;
  /** Creates a user and returns the ID as text, wherever the response has it. */
  user(userName: string, more?: object): Promise<string>;
  users(count: number): Promise<readonly string[]>;
  /** Creates a group and returns its id. */
  group(displayName: string, memberIds?: readonly string[]): Promise<string>;
}

/** Speaks SCIM to a base URL. */
export function scimApi(baseUrl: string, token: string): ScimApi {
  const send: ScimApi['send'] = async (method, path, body, headers = {}) => {
    const response = await fetch(baseUrl + path, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body !== undefined && { 'content-type': 'application/scim+json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, body: parsed(text) };
  };
  const create = async (path: string, body: object): Promise<string> => {
    const response = await send('POST', path, body);
    if (response.status !== 201) throw new Error(`POST ${path}: ${response.status} ${response.text}`);
    const [, id] = /"id":"?([^",]+)/.exec(response.text) ?? [];
    const [, located] = /\/([^/]+)$/.exec(response.headers.get('location') ?? '') ?? [];
    return id ?? located ?? '';
  };
  const user: ScimApi['user'] = (userName, more = {}) =>
    create('/Users', { schemas: [userUrn, enterpriseUrn], userName, ...more });
  return {
    send,
    get: (path) => send('GET', path),
    patch: (path, ...operations) => send('PATCH', path, { schemas: [patchUrn], Operations: operations }),
    list: async (path) => (await send('GET', path)).body,
    find: (type, filter) => send('GET', `/${type}?filter=${encodeURIComponent(filter)}`),
    user,
    users: async (count) => {
      const ids: string[] = [];
      for (let nth = 1; nth <= count; nth += 1) ids.push(await user(`user-${nth}@example.com`));
      return ids;
    },
    group: (displayName, memberIds = []) =>
      create('/Groups', { schemas: [groupUrn], displayName, members: memberIds.map((value) => ({ value })) }),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
