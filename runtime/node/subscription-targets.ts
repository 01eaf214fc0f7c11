import type { LogEntry } from '../../connector/platform.ts';
import type { Sink } from '../watch/sink.ts';
import type { SubscriptionRequest } from '../watch/subscriptions.ts';
import { createWebhookSink, readWebhookSecret, webhookUrlProblem } from '../watch/webhook-sink.ts';
import { createNodePlatform } from './node-platform.ts';
import {
  assertPrivateHost,
  assertPublicHost,
  findPrivateAddress,
  findPublicAddress,
  hasPublicAddress,
  lookUpPublic,
  type Resolve,
} from './private-hosts.ts';

/** Where subscriptions may have events posted to. */
export interface SubscriptionTargets {
  /** Why events cannot be posted to a URL, as the end of a sentence; undefined if they can. */
  problemOf(url: string): Promise<string | undefined>;
  /** Opens the sink of a target. It checks the address again before each delivery. */
  openSink(target: SubscriptionRequest): Sink;
  /** Closes idle connections. */
  close(): void;
}

const timeoutInMs = 30_000;
const deadlineInMs = 120_000;
/** Nothing of a response is used. */
const maxResponseBytes = 65_536;

/**
 * Creates the rules for targets. The subscriber chooses the URL, so that by default it must have a public address:
 * otherwise this process could be made to send requests to services that only it can reach.
 *
 * @param allowPrivate whether targets can also be in a private network, or on this machine, by http as well
 */
export function createSubscriptionTargets(
  allowPrivate: boolean,
  log: (entry: LogEntry) => void,
  resolve?: Resolve,
): SubscriptionTargets {
  const platform = createNodePlatform({ log, ...(allowPrivate ? {} : { lookup: lookUpPublic }) });
  const assertAllowed = (url: string): Promise<void> => {
    if (!allowPrivate) return assertPublicHost(url, resolve);
    return url.startsWith('http:') ? assertPrivateHost(url, resolve) : Promise.resolve();
  };
  return {
    problemOf: (url) => (allowPrivate ? privateProblem(url, resolve) : publicProblem(url, resolve)),
    openSink({ url, secret }) {
      const secrets =
        secret === undefined ? [] : [readWebhookSecret(secret)].filter((one) => one !== undefined);
      const sink = createWebhookSink({ url, secrets, timeoutInMs, deadlineInMs, maxResponseBytes }, platform);
      return {
        ...sink,
        async deliver(events, signal) {
          await assertAllowed(url);
          await sink.deliver(events, signal);
        },
      };
    },
    close: platform.close,
  };
}

async function publicProblem(text: string, resolve: Resolve | undefined): Promise<string | undefined> {
  const url = URL.parse(text);
  if (url?.protocol !== 'https:') return 'must start with https://';
  if (url.username !== '' || url.password !== '') return credentials;
  return (await findPrivateAddress(text, resolve)) === undefined
    ? undefined
    : 'must have a public address: private ones are not allowed here';
}

async function privateProblem(text: string, resolve: Resolve | undefined): Promise<string | undefined> {
  const problem = webhookUrlProblem(text, hasPublicAddress);
  if (problem === 'credentials') return credentials;
  if (problem === 'invalid' || problem === 'unencrypted') return 'must start with https:// or http://';
  const isPlain = problem === 'public' || text.startsWith('http:');
  return isPlain && (await findPublicAddress(text, resolve)) !== undefined
    ? 'must start with https://, because it has a public address'
    : undefined;
}

const credentials = 'must not contain a username or password';
