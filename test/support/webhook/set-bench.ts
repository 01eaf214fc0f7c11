import type { HttpResponse } from '../../../connector/platform.ts';
import type { PushReceiver, Received } from '../../../triggers/sources/source.ts';
import { createFakePlatform, type FakePlatform } from '../fake-platform.ts';
import { openPush } from './open-source.ts';
import { type PushRequestParts, pushRequest } from './push-request.ts';
import { audience, type IssuerKey, issuer, keySetOf, setClaims, signSet } from './set-issuer.ts';

/** A receiver of tokens, with the issuer's keys at hand. */
export interface SetBench {
  readonly platform: FakePlatform;
  readonly receiver: PushReceiver;
  /** What the address of the keys answers from now on; a throw is the network's. */
  publish(answer: string | Partial<HttpResponse> | (() => Partial<HttpResponse>)): void;
  /** Receives a token. */
  push(token: string | Uint8Array, request?: PushRequestParts): Promise<Received>;
  /** Receives these claims, signed by the key. */
  tell(
    claims?: Readonly<Record<string, unknown>>,
    header?: Readonly<Record<string, unknown>>,
  ): Promise<Received>;
  /** How many times the keys were asked for. */
  asked(): number;
}

export const jwksUrl = 'https://scim.example.com/jwks.json';

/** Opens a receiver that trusts a key. @param settings next to issuer, audience and address */
export function openSetBench(key: IssuerKey, settings: Readonly<Record<string, unknown>> = {}): SetBench {
  let answer: () => Partial<HttpResponse> = () => ({ body: keySetOf(key) });
  const platform = createFakePlatform(() => answer());
  const receiver = openPush('security_event_token', platform, { issuer, audience, jwksUrl, ...settings });
  const push: SetBench['push'] = (token, { headers, ...request } = {}) =>
    receiver.receive(
      pushRequest({
        body: token,
        ...request,
        headers: { 'content-type': 'application/secevent+jwt', accept: 'application/json', ...headers },
      }),
    );
  return {
    platform,
    receiver,
    publish(next) {
      answer = typeof next === 'function' ? next : () => (typeof next === 'string' ? { body: next } : next);
    },
    push,
    tell: async (claims, header) => push(await signSet(key, setClaims(claims), header)),
    asked: () => platform.sent.length,
  };
}
