import { onTestFinished } from 'vitest';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../../../sandbox/index.ts';
import { createSigningKey } from '../../../../sandbox/saml/create-signing-key.ts';
import { signSamlResponse } from '../../../../sandbox/saml/sign-saml-response.ts';

export const userUrn = 'urn:ietf:params:scim:schemas:core:2.0:User';
export const groupUrn = 'urn:ietf:params:scim:schemas:core:2.0:Group';
export const roleUrn = 'urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole';
export const patchUrn = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
export const bulkUrn = 'urn:ietf:params:scim:api:messages:2.0:BulkRequest';
export const root = 'root@workspace.example';

/** A response with its body as plain data; empty without a body. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every form
  readonly body: any;
}

/** Sends a request; a body that is an object goes as JSON. */
export async function send(
  method: string,
  url: string,
  token: string | undefined,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const response = await fetch(url, {
    method,
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(typeof body === 'object' && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: text === '' ? {} : JSON.parse(text),
  };
}

// One key for all: to make one takes longer than most tests.
const key = createSigningKey('Identity provider of the tests');
const issuer = 'urn:example:idp';

/** The identity provider of the tests, as the settings name it. */
export const idp = { entityId: issuer, certificate: key.certificate };

/** The event of an audit log entry, on one level. */
export interface Reported {
  readonly event: string;
  readonly source: string;
  readonly by: string | null;
  readonly who: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** A workspace with an identity provider, over HTTP, until the end of the test. */
export async function openWorkspace(options: SandboxOptions = {}) {
  const sandbox: Sandbox = await startSandbox({ idp, ...options });
  onTestFinished(() => sandbox.close());
  const now = options.now ?? (() => new Date());

  const scim = (method: string, path: string, body?: unknown, token = sandbox.token): Promise<Answer> =>
    send(method, sandbox.scimBaseUrl + path, token, body);
  const admin = (method: string, path: string, body?: unknown): Promise<Answer> =>
    send(method, sandbox.adminUrl + path, sandbox.adminToken, body);
  const api = (path: string): Promise<Answer> => send('GET', sandbox.apiUrl + path, sandbox.adminToken);

  /** A signed response for a person. */
  function responseFor(email: string, attributes: Readonly<Record<string, readonly string[]>> = {}): string {
    const { audience, acsUrl } = sandbox;
    return signSamlResponse({ issuer, audience, acsUrl, nameId: email, attributes, now: now() }, key);
  }

  const postResponse = (SAMLResponse: string): Promise<Answer> =>
    send('POST', sandbox.acsUrl, undefined, new URLSearchParams({ SAMLResponse }).toString(), {
      'content-type': 'application/x-www-form-urlencoded',
    });

  return {
    sandbox,
    scim,
    admin,
    api,
    responseFor,
    postResponse,
    /** Closes it before the test ends. */
    close: () => sandbox.close(),

    /** Logs someone in, as a browser does. */
    login: (email: string, attributes?: Readonly<Record<string, readonly string[]>>): Promise<Answer> =>
      postResponse(responseFor(email, attributes)),

    /** Provisions someone, and returns the id. */
    async user(userName: string, more: object = {}): Promise<string> {
      const { status, body } = await scim('POST', '/Users', { schemas: [userUrn], userName, ...more });
      if (status !== 201) throw new Error(JSON.stringify(body));
      return body.id;
    },

    async group(displayName: string, memberIds: readonly string[] = []): Promise<string> {
      const members = memberIds.map((value) => ({ value }));
      const { body } = await scim('POST', '/Groups', { schemas: [groupUrn], displayName, members });
      return body.id;
    },

    patch: (id: string, ...Operations: readonly object[]): Promise<Answer> =>
      scim('PATCH', `/Users/${id}`, { schemas: [patchUrn], Operations }),

    /** The roles in effect. */
    async roles(idOrEmail: string): Promise<unknown> {
      return (await admin('GET', `/members/${idOrEmail}`)).body.roles;
    },

    /** How things stand with a person: `active`, `suspended` or `removed`. */
    async status(idOrEmail: string): Promise<unknown> {
      return (await admin('GET', `/members/${idOrEmail}`)).body.status;
    },

    /** Whether a session may still do something, and if not, why. */
    async session(id: string): Promise<unknown> {
      const { active, reason } = (await admin('GET', `/sessions/${id}`)).body;
      return active ? 'active' : reason;
    },

    /** What the audit log tells after a number of events. */
    async reported(skipped = 0): Promise<readonly Reported[]> {
      const { body } = await admin('GET', '/audit-log');
      return body.data.slice(skipped).map((entry: Answer['body']) => {
        const { event, resource, details, user } = entry.content.attributes;
        return {
          event,
          source: details.source,
          by: user.email,
          who: resource.member?.email ?? resource.email ?? resource.name,
          before: details.before,
          after: details.after,
        };
      });
    },
  };
}

/** A workspace of {@link openWorkspace}. */
export type OpenWorkspace = Awaited<ReturnType<typeof openWorkspace>>;

/** A clock that stands until it is moved. */
export function standingClock(start = '2026-01-01T00:00:00.000Z') {
  let nowMs = Date.parse(start);
  return {
    now: () => new Date(nowMs),
    move: (ms: number) => {
      nowMs += ms;
    },
  };
}
