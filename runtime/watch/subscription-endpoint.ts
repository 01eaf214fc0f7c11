import { ConnectorError, invalidInput } from '../../connector/errors.ts';
import { type EventType, eventTypes } from '../../connector/event.ts';
import type { Platform } from '../../connector/platform.ts';
import { check } from '../../schemas/check.ts';
import type { JsonSchema } from '../../schemas/json-schema.ts';
import type { PushReply, PushRequest, PushRequestHead, Received } from '../../triggers/sources/source.ts';
import {
  createPushReceiver,
  RejectedRequest,
  readJson,
  requireMediaType,
  requirePost,
} from '../../triggers/sources/webhook-auth/request-checks.ts';
import { isGuessable, requireSecret } from '../../triggers/sources/webhook-auth/shared-secret.ts';
import type { PushEndpoint } from '../node/start-push-server.ts';
import { createSubscriptionTargets, type SubscriptionTargets } from '../node/subscription-targets.ts';
import type { Deliveries, Outbox } from './outbox.ts';
import {
  openSubscriptions,
  type StoredSubscription,
  type SubscriptionRequest,
  type Subscriptions,
} from './subscriptions.ts';
import type { WatchObserver } from './watch-observer.ts';
import { readWebhookSecret } from './webhook-sink.ts';

/**
 * Who can subscribe to the events of a watch, and where these can be posted.
 *
 * @example
 * ```ts
 * const subscriptions: SubscriptionOptions = { tokens: [process.env.SUBSCRIPTIONS_TOKEN ?? ''], most: 20 };
 * const options: SinkWatchOptions = { store: 'all.state', listen: { port: 8081 }, subscriptions, sinks: {} };
 * ```
 */
export interface SubscriptionOptions {
  /** The bearer tokens that may subscribe and unsubscribe: one, or two during rotation, with 16 characters or more. */
  readonly tokens: readonly string[];
  /**
   * Also accepts targets in a private network and on this machine, by http as well. Default: false. Whoever subscribes
   * could otherwise make this process send requests to services that only it can reach.
   */
  readonly allowPrivateTargets?: boolean | undefined;
  /** The largest number of subscriptions. Default: 100. */
  readonly most?: number | undefined;
}

const defaultMost = 100;

/** @throws ConnectorError `invalid_input` if anyone who can reach the server could guess a token. */
export function assertTokens({ tokens }: SubscriptionOptions): void {
  if (tokens.length > 0 && !tokens.some(isGuessable)) return;
  const message = 'must have 16 characters or more each. Generate one with "openssl rand -base64 24"';
  throw invalidInput([{ path: 'subscriptions.tokens', message }]);
}

/** The endpoint at which others subscribe to the events of a watch. */
export interface SubscriptionEndpoint {
  /** Its path on the server: `subscriptions`. */
  readonly path: string;
  /** What receives the requests at a path; undefined if the path is another one. */
  endpointAt(path: string): PushEndpoint | undefined;
  /** Starts to deliver to the subscriptions of the state. */
  start(deliveries: Deliveries): void;
  /** Resolves once no change is in progress. The server is closed. */
  close(): Promise<void>;
}

/** What the endpoint needs of a watch. */
export interface SubscriptionEndpointContext {
  readonly outbox: Outbox;
  /** The triggers of the watch, by their names in the state. */
  readonly triggers: readonly string[];
  readonly platform: Pick<Platform, 'crypto' | 'log' | 'now'>;
  readonly observer: WatchObserver | undefined;
}

const path = 'subscriptions';

/** Opens the endpoint of a watch with the subscriptions that its state has. */
export function openSubscriptionEndpoint(
  { tokens, allowPrivateTargets = false, most = defaultMost }: SubscriptionOptions,
  stored: readonly StoredSubscription[],
  { outbox, triggers, platform, observer }: SubscriptionEndpointContext,
): SubscriptionEndpoint {
  const targets = createSubscriptionTargets(allowPrivateTargets, platform.log);
  const subscriptions = openSubscriptions(stored, {
    outbox,
    most,
    platform,
    openSink: targets.openSink,
    onRemoved: (sink) => observer?.({ kind: 'sink_removed', sink }),
  });
  const context: RequestContext = { subscriptions, tokens, triggers, targets, crypto: platform.crypto };
  return {
    path,
    endpointAt: (given) => endpointAt(given, context),
    start: subscriptions.start,
    async close() {
      await subscriptions.settled();
      targets.close();
    },
  };
}

interface RequestContext {
  readonly subscriptions: Subscriptions;
  readonly tokens: readonly string[];
  readonly triggers: readonly string[];
  readonly targets: SubscriptionTargets;
  readonly crypto: Platform['crypto'];
}

const requestSchema: JsonSchema = {
  type: 'object',
  properties: {
    url: { type: 'string', minLength: 1 },
    secret: { type: 'string', minLength: 1 },
    triggers: { type: 'array', items: { type: 'string' } },
    types: { type: 'array', items: { type: 'string', enum: eventTypes } },
  },
  required: ['url'],
  additionalProperties: false,
};

const wrongToken =
  'Check that the subscriber has the token of the subscriptions, and sends it as a bearer token.';

/** A URL is stored, and read at each start. */
const mostUrlCharacters = 2_048;

/**
 * `POST /subscriptions` subscribes a URL, `GET /subscriptions` lists all subscriptions, and `DELETE /subscriptions/ID` ends
 * one.
 */
function endpointAt(given: string, context: RequestContext): PushEndpoint | undefined {
  const [first, id, ...rest] = given.split('/');
  if (first !== path || id === '' || rest.length > 0) return undefined;
  const { crypto, tokens } = context;
  const allowed = id === undefined ? ['GET', 'POST'] : ['DELETE'];
  const { checkHead, receive } = createPushReceiver({
    check(head) {
      requireSecret(crypto, head, tokens, 'bearer', wrongToken);
      if (!allowed.includes(head.method)) throw wrongMethod(head, allowed);
      if (head.method !== 'POST') return;
      requirePost(head);
      requireMediaType(head, ['application/json'], false);
    },
    read: (request) => (id === undefined ? receiveAtList(request, context) : end(id, context.subscriptions)),
  });
  return { origin: path, checkHead, receive };
}

async function receiveAtList({ method, body }: PushRequest, context: RequestContext): Promise<Received> {
  const { subscriptions } = context;
  if (method === 'GET') return reply(200, { subscriptions: await subscriptions.list() });
  const request = await readRequest(readJson(body), context);
  try {
    const { subscription, isNew } = await subscriptions.save(request);
    const location = `/${path}/${subscription.id}`;
    return reply(isNew ? 201 : 200, subscription, { location });
  } catch (error) {
    if (!(error instanceof ConnectorError) || error.code !== 'conflict') throw error;
    throw invalid(error.message, 409);
  }
}

async function end(id: string, subscriptions: Subscriptions): Promise<Received> {
  if (!(await subscriptions.remove(id))) throw invalid('There is no subscription with this ID.', 404);
  return { kind: 'accepted', events: [], reply: { status: 204, headers: {}, body: '' } };
}

/** @throws RejectedRequest */
async function readRequest(
  value: unknown,
  { triggers: watched, targets }: RequestContext,
): Promise<SubscriptionRequest> {
  const [problem] = check(requestSchema, value);
  if (problem !== undefined) throw invalid(`${problem.path || 'The body'} ${problem.message}.`);
  const { url, secret, triggers, types } = value as {
    readonly url: string;
    readonly secret?: string;
    readonly triggers?: readonly string[];
    readonly types?: readonly EventType[];
  };
  const unknown = triggers?.find((name) => !watched.some((one) => one === name || one.endsWith(`/${name}`)));
  if (unknown !== undefined)
    throw invalid(`triggers must be among those that are watched: ${watched.join(', ')}.`);
  for (const [key, list] of Object.entries({ triggers, types }))
    if (list?.length === 0) throw invalid(`${key} must not be empty. Omit it to receive all events.`);
  if (secret !== undefined && readWebhookSecret(secret) === undefined)
    throw invalid('secret must be whsec_ followed by 24 to 64 bytes in base64.');
  const urlProblem = url.length > mostUrlCharacters ? 'is too long' : await targets.problemOf(url);
  if (urlProblem !== undefined) throw invalid(`url ${urlProblem}.`);
  return { url: new URL(url).href, secret, triggers, types };
}

function wrongMethod({ method }: PushRequestHead, allowed: readonly string[]): RejectedRequest {
  return new RejectedRequest('invalid_request', {
    what: `The method is ${method.slice(0, 20)}, not ${allowed.join(' or ')}.`,
    nextStep: 'Correct the request.',
    status: 405,
    headers: { allow: allowed.join(', ') },
  });
}

function invalid(what: string, status = 400): RejectedRequest {
  return new RejectedRequest('invalid_request', { what, nextStep: 'Correct the request.', status });
}

function reply(status: number, value: unknown, headers: PushReply['headers'] = {}): Received {
  const json = { 'content-type': 'application/json', 'cache-control': 'no-store' };
  return {
    kind: 'accepted',
    events: [],
    reply: { status, headers: { ...json, ...headers }, body: `${JSON.stringify(value)}\n` },
  };
}
