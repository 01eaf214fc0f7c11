import { ConnectorError } from '../../../connector/errors.ts';
import type { HttpResponse, Platform } from '../../../connector/platform.ts';
import { isRecord } from '../../../schemas/is-record.ts';
import { fetchFromSource, type SenderApi } from '../event-source-client.ts';
import type { Subscriber } from '../source.ts';
import { parseJson } from '../webhook-auth/request-checks.ts';
import { secureUrl } from '../webhook-auth/secure-url.ts';
import { oktaEventTypes } from './okta-event-types.ts';

/** The settings for administering an organization's event hooks. */
export interface OktaAdministration {
  /** The value that the hook sends in `Authorization`. */
  readonly secret: string;
  /** The URL of the organization, such as `https://acme.okta.com`. */
  readonly orgUrl: string;
  /** An API token. */
  readonly apiToken: string;
}

const nextSteps = {
  auth: 'Use a valid Okta token as `apiToken`.',
  forbidden:
    'Use the token of an administrator who can manage event hooks, such as an Okta super administrator.',
  rate_limited: 'Try again in a minute.',
  unavailable: 'Try again later. If the error persists, check `orgUrl` and the network.',
  tooLarge: 'Check `orgUrl`: it may be another server.',
  otherwise: 'Check `orgUrl`, the URL of the organization without "-admin". If it is correct, contact Okta.',
};

/** Hooks are not available for completed deletions. */
const hookable = [...oktaEventTypes.keys()].filter((type) => type !== 'user.lifecycle.delete.completed');

/** Sets up event hooks with Okta's API (developer.okta.com, Event Hooks). @throws ConnectorError `invalid_input` */
export function openOktaSubscriber(
  platform: Platform,
  { secret, orgUrl, apiToken }: OktaAdministration,
): Subscriber {
  const at = new URL(secureUrl('orgUrl', orgUrl)).origin;
  const hooks = `${at}/api/v1/eventHooks`;
  const api: SenderApi = { name: 'Okta organization', token: apiToken, nextSteps };
  const ask = (method: 'GET' | 'POST' | 'PUT' | 'DELETE', path = '', body?: object): Promise<HttpResponse> =>
    fetchFromSource(platform, api, {
      method,
      url: `${hooks}${path}`,
      headers: { authorization: `SSWS ${apiToken}` },
      ...(body !== undefined && { body }),
    });
  const remove = async (id: string): Promise<void> => {
    // Okta deletes only deactivated hooks.
    await ask('POST', `/${encodeURIComponent(id)}/lifecycle/deactivate`);
    await ask('DELETE', `/${encodeURIComponent(id)}`);
  };

  return {
    administers: (subscription) => subscription.at === at,
    async isSubscribed(url, { id, ...kept }) {
      if (kept.at !== at || kept.made !== (await madeOf(platform, url, secret))) return false;
      try {
        const hook = readHook(await ask('GET', `/${encodeURIComponent(id)}`));
        return isFor(hook, url) && hook.status === 'ACTIVE' && hook.verificationStatus === 'VERIFIED';
      } catch (error) {
        if (isGone(error)) return false;
        throw error;
      }
    },
    async subscribe(url) {
      const wanted = hookFor(url, secret);
      const known = readHooks(await ask('GET')).find((hook) => isFor(hook, url));
      const hook = readHook(
        await (known === undefined
          ? ask('POST', '', wanted)
          : ask('PUT', `/${encodeURIComponent(known.id)}`, wanted)),
      );
      const path = `/${encodeURIComponent(hook.id)}/lifecycle`;
      try {
        if (hook.status === 'INACTIVE') await ask('POST', `${path}/activate`);
        await ask('POST', `${path}/verify`);
      } catch (error) {
        if (known === undefined) await remove(hook.id).catch(() => undefined);
        throw isRefusal(error) ? notVerified(url, error) : error;
      }
      return { id: hook.id, at, made: await madeOf(platform, url, secret) };
    },
    async testConnection() {
      readHooks(await ask('GET'));
    },
    async unsubscribe({ id }) {
      try {
        await remove(id);
      } catch (error) {
        if (!isGone(error)) throw error;
      }
    },
  };
}

interface Hook extends Readonly<Record<string, unknown>> {
  readonly id: string;
}

function hookFor(url: string, secret: string): object {
  return {
    name: nameFor(url),
    events: { type: 'EVENT_TYPE', items: hookable },
    channel: {
      type: 'HTTP',
      version: '1.0.0',
      config: { uri: url, headers: [], authScheme: { type: 'HEADER', key: 'authorization', value: secret } },
    },
  };
}

/** A fingerprint of the hook: Okta does not return its secret. */
async function madeOf({ crypto }: Platform, url: string, secret: string): Promise<string> {
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
  const hash = await crypto.hmacSha256(bytes(secret), bytes(JSON.stringify(hookFor(url, ''))));
  return [...hash].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Okta's own examples of a hook omit the URL: its name also contains it. */
function nameFor(url: string): string {
  return `Rolecall ${url}`;
}

function isFor({ name, channel }: Hook, url: string): boolean {
  const config = isRecord(channel) && isRecord(channel.config) ? channel.config : {};
  return config.uri === undefined ? name === nameFor(url) : config.uri === url;
}

function readHook(response: HttpResponse): Hook {
  const hook = parseJson(response.body);
  if (isHook(hook)) return hook;
  throw notOkta(response);
}

function readHooks(response: HttpResponse): readonly Hook[] {
  const hooks = parseJson(response.body);
  if (Array.isArray(hooks)) return hooks.filter(isHook);
  throw notOkta(response);
}

function isHook(value: unknown): value is Hook {
  return isRecord(value) && typeof value.id === 'string' && value.id !== '';
}

function notOkta({ status }: HttpResponse): ConnectorError {
  return new ConnectorError('provider_fault', {
    what: 'The response is not from the Okta event hooks API.',
    nextStep: nextSteps.otherwise,
    status,
    attempts: 1,
  });
}

function isGone(error: unknown): boolean {
  return error instanceof ConnectorError && error.status === 404;
}

function isRefusal(error: unknown): error is ConnectorError {
  return error instanceof ConnectorError && error.status === 400;
}

function notVerified(url: string, cause: ConnectorError): ConnectorError {
  return new ConnectorError('invalid_input', {
    what: `Okta could not verify the hook: no response from ${url}.`,
    nextStep: 'Make the URL reachable from the internet over https, then activate the hook again.',
    status: 400,
    attempts: 1,
    cause,
  });
}
