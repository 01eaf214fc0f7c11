import { createRemoteJWKSet, decodeProtectedHeader, type JWTPayload, jwtVerify } from 'jose';
import { onTestFinished } from 'vitest';
import type { Sandbox, SandboxOptions } from '../../../../sandbox/index.ts';
import { startWebhookReceiver } from '../../../support/start-webhook-receiver.ts';
import { type Answer, type OpenWorkspace, openWorkspace, send } from './workspace-fixture.ts';

export const pollToken = 'a-token-for-polling';

/** The claims of a SET of the workspace. */
export interface SetClaims extends JWTPayload {
  readonly jti: string;
  readonly txn: string;
  readonly toe: number;
  readonly sub_id: { readonly format: string; readonly uri: string; readonly externalId?: string };
  // biome-ignore lint/suspicious/noExplicitAny: tests look into events of every form
  readonly events: { readonly [uri: string]: any };
}

/** What a URI of RFC 9967 is about: `patch:full`, `delete`. */
export const shortOf = (uri: string): string => uri.replace('urn:ietf:params:scim:event:prov:', '');

/** The events of a SET, by the short form of their URIs. */
export const eventsOf = ({ events }: SetClaims): SetClaims['events'] =>
  Object.fromEntries(Object.entries(events).map(([uri, event]) => [shortOf(uri), event]));

/** The number of the audit event that a SET goes with. */
export const numberOf = ({ txn }: SetClaims): number => Number(/-(\d+)$/.exec(txn)?.[1]);

/** The origin of SETs, as configured in a receiver. */
export interface EventSource {
  readonly eventsIssuer: string;
  readonly eventsAudience: string;
  readonly jwksUrl: string;
}

/** Verifies a SET as a receiver does, with a library that the sandbox knows nothing of. */
export async function verifySet(
  set: string,
  { eventsIssuer, eventsAudience, jwksUrl }: EventSource,
): Promise<SetClaims> {
  const keys = createRemoteJWKSet(new URL(jwksUrl));
  const { payload } = await jwtVerify<SetClaims>(set, keys, {
    issuer: eventsIssuer,
    audience: eventsAudience,
    typ: 'secevent+jwt',
    requiredClaims: ['iat', 'jti', 'txn', 'toe', 'sub_id', 'events'],
  });
  return payload;
}

/** A workspace that keeps its SETs for polls. */
export async function openPolledWorkspace(options: SandboxOptions = {}) {
  const workspace: OpenWorkspace = await openWorkspace({
    eventPolling: true,
    eventPollToken: pollToken,
    ...options,
  });
  const { sandbox } = workspace;
  const poll = (body: unknown = {}, token: string | undefined = pollToken): Promise<Answer> =>
    send('POST', sandbox.eventPollUrl, token, body);

  /** Fetches, verifies and acknowledges all that waits. */
  async function drain(): Promise<readonly SetClaims[]> {
    const all: SetClaims[] = [];
    for (let ack: readonly string[] = []; ; ) {
      const { status, body } = await poll({ ack, returnImmediately: true });
      if (status !== 200) throw new Error(JSON.stringify(body));
      ack = Object.keys(body.sets);
      if (ack.length === 0) return all;
      for (const jti of ack) {
        const claims = await verifySet(body.sets[jti], sandbox);
        if (claims.jti !== jti) throw new Error(`${jti} is the key of ${claims.jti}`);
        all.push(claims);
      }
    }
  }

  return { ...workspace, poll, drain };
}

/** What came to a receiver of pushed SETs. */
export interface Push {
  readonly set: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** A response of a receiver: a status alone, or with a body; `cut` breaks the connection. */
export type PushAnswer = number | 'cut' | { readonly status: number; readonly body: unknown };

/** A receiver (RFC 8935) that answers each push with the next of a list, and 202 when that is used up. */
export async function startReceiver(answers: PushAnswer[] = []) {
  const pushes: Push[] = [];
  const accepted: string[] = [];
  const { url, close } = await startWebhookReceiver(({ body: set, headers }) => {
    pushes.push({ set, headers });
    const answer = answers.shift() ?? 202;
    if (answer === 'cut') return 'drop';
    const { status, body } = typeof answer === 'number' ? { status: answer, body: undefined } : answer;
    if (status === 202) accepted.push(set);
    const location = 'http://127.0.0.1:1/';
    if (body === undefined) return { status, headers: { location } };
    return {
      status,
      headers: { location, 'content-type': 'application/json', 'content-language': 'en' },
      body: JSON.stringify(body),
    };
  });
  onTestFinished(close);
  return { url, pushes, accepted, answers };
}

/** The header of a SET. */
export const headerOf = decodeProtectedHeader;

/** The numbers of the audit events that tell of a changed SCIM resource: those that a SET goes with. */
export async function auditedNumbers({
  adminUrl,
  adminToken,
}: Pick<Sandbox, 'adminUrl' | 'adminToken'>): Promise<readonly number[]> {
  const numbers: number[] = [];
  for (let after = 0; ; ) {
    const { data } = (await send('GET', `${adminUrl}/audit-log?page[after]=${after}`, adminToken)).body;
    if (data.length === 0) return numbers;
    for (const { id, content } of data) {
      after = id;
      const { resource, details } = content.attributes;
      if (!['ManagedUserGrant', 'UserGroup'].includes(resource.type)) continue;
      const names = Object.keys({ ...details.before, ...details.after });
      // Whether someone was removed by hand is not in SCIM.
      if (names.some((name) => name !== 'removed')) numbers.push(id);
    }
  }
}
