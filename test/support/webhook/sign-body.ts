import { createHmac } from 'node:crypto';

/** The hexadecimal HMAC-SHA-256 of time, dot and body, as WorkOS and Ory Polis sign. */
export function signBody(secret: string, time: number | string, body: string | Uint8Array): string {
  return createHmac('sha256', secret).update(`${time}.`).update(body).digest('hex');
}
