import { randomBytes } from 'node:crypto';
import { ConnectorError, type ErrorCode } from '../../../connector/errors.ts';
import { type Platform, TransportError } from '../../../connector/platform.ts';
import { isRecord } from '../../../schemas/is-record.ts';
import type { EventService } from './connection-data.ts';

/** What a subscription returns to Zapier, which stores it with the Zap. */
export interface Subscription {
  readonly id: string;
  /** Signs the events. */
  readonly secret: string;
}

const timeoutInMs = 20_000;
const maxResponseBytes = 1_048_576;

/** Subscribes a URL to the events of a trigger at a Rolecall service. @throws ConnectorError */
export async function subscribe(
  service: EventService,
  platform: Platform,
  url: string,
  trigger: string,
): Promise<Subscription> {
  const secret = `whsec_${randomBytes(32).toString('base64')}`;
  const { status, body } = await request(service, platform, 'POST', '', { url, triggers: [trigger], secret });
  const { id } = isRecord(body) ? body : {};
  if ((status === 201 || status === 200) && typeof id === 'string') return { id, secret };
  throw refused(service, status, body);
}

/** Ends a subscription. One that has ended already is no error. @throws ConnectorError */
export async function unsubscribe(
  service: EventService,
  platform: Platform,
  { id }: Pick<Subscription, 'id'>,
): Promise<void> {
  const { status, body } = await request(service, platform, 'DELETE', `/${encodeURIComponent(id)}`);
  if (status !== 204 && status !== 404) throw refused(service, status, body);
}

async function request(
  { url, token }: EventService,
  platform: Platform,
  method: 'POST' | 'DELETE',
  path: string,
  body?: object,
): Promise<{ readonly status: number; readonly body: unknown }> {
  const sent = platform.send({
    method,
    url: `${url}/subscriptions${path}`,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    timeoutInMs,
    maxResponseBytes,
  });
  const response = await sent.catch((error: unknown) => {
    if (!(error instanceof TransportError)) throw error;
    throw new ConnectorError('unavailable', {
      what: `The Rolecall service at ${new URL(url).origin} did not respond: ${error.message}.`,
      nextStep: 'Check that it runs, and that Zapier can reach it.',
      cause: error,
    });
  });
  return { status: response.status, body: parsed(response.body) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

const codes: Readonly<Record<number, ErrorCode>> = {
  400: 'invalid_input',
  401: 'auth',
  403: 'forbidden',
  404: 'not_found',
  429: 'rate_limited',
};

function refused({ url }: EventService, status: number, body: unknown): ConnectorError {
  const description = isRecord(body) && typeof body.description === 'string' ? ` ${body.description}` : '';
  return new ConnectorError(codes[status] ?? (status >= 500 ? 'unavailable' : 'provider_fault'), {
    what: `The Rolecall service at ${new URL(url).origin} responded with status ${status}.${description}`,
    nextStep:
      'Check that it runs with --subscriptions, and watches the trigger, and check its URL and token.',
    status,
    attempts: 1,
  });
}
