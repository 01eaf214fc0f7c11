import { ConnectorError } from '../../../connector/errors.ts';
import type { PlatformCrypto } from '../../../connector/platform.ts';
import { readWebhookSecret } from '../../../runtime/watch/webhook-sink.ts';
import type { ZapierBundle } from './zapier-functions.ts';

const utf8 = new TextEncoder();

/**
 * Verifies the signature of a webhook (https://www.standardwebhooks.com). Its age does not matter: Zapier delivers
 * webhooks late after an outage, and when a user replays a run.
 *
 * @throws ConnectorError `forbidden` without a valid signature
 */
export async function verifyWebhook(
  { rawRequest }: ZapierBundle,
  secret: unknown,
  crypto: PlatformCrypto,
): Promise<void> {
  const key = typeof secret === 'string' ? readWebhookSecret(secret) : undefined;
  const headers = namesOf(rawRequest?.headers ?? {});
  const [id, timestamp, signatures] = ['id', 'timestamp', 'signature'].map((name) =>
    headers.get(`webhook-${name}`),
  );
  if (key === undefined || id === undefined || timestamp === undefined) throw unsigned();
  const message = utf8.encode(`${id}.${timestamp}.${rawRequest?.content ?? ''}`);
  const expected = utf8.encode(`v1,${Buffer.from(await crypto.hmacSha256(key, message)).toString('base64')}`);
  const given = (signatures ?? '').split(' ').map((one) => utf8.encode(one));
  if (!given.some((one) => crypto.isEqual(one, expected))) throw unsigned();
}

/** Zapier puts "Http-" before the names of some headers. */
function namesOf(headers: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  const entries = Object.entries(headers);
  return new Map(entries.map(([name, value]) => [name.toLowerCase().replace(/^http-/, ''), value]));
}

function unsigned(): ConnectorError {
  return new ConnectorError('forbidden', {
    what: 'The webhook does not have the signature of the Rolecall service.',
    nextStep: 'Turn the Zap off and on, so that it subscribes again.',
  });
}
