import { listen } from './listen.ts';

/** A hook as Okta keeps it. */
export interface OktaHook {
  readonly id: string;
  readonly name: string;
  readonly events: { readonly items: readonly string[] };
  readonly channel: {
    readonly config: { readonly uri: string; readonly authScheme: { readonly value: string } };
  };
  status: 'ACTIVE' | 'INACTIVE';
  verificationStatus: 'VERIFIED' | 'UNVERIFIED';
}

/** An Okta organization that has event hooks, and nothing else (developer.okta.com, Event Hooks). */
export interface Okta {
  readonly orgUrl: string;
  readonly apiToken: string;
  readonly hooks: Map<string, OktaHook>;
  /** What was asked, such as `POST /api/v1/eventHooks`. */
  readonly seen: readonly string[];
  /** Answers everything with this status, while it is set. */
  status: number | undefined;
  /** Whether hooks are shown without their address, as in Okta's own examples. */
  hidesAddress: boolean;
  close(): Promise<void>;
}

/** Starts it. */
export async function startOkta(): Promise<Okta> {
  const apiToken = 'token-of-an-administrator';
  const hooks = new Map<string, OktaHook>();
  const seen: string[] = [];
  let made = 0;

  const shown = (hook: OktaHook): object => {
    const { uri } = hook.channel.config;
    const config = { method: 'POST', ...(!okta.hidesAddress && { uri }) };
    return { ...hook, channel: { type: 'HTTP', version: '1.0.0', config } };
  };
  /** Asks the address of a hook whether it is the one of whoever set it up. */
  const verify = async (hook: OktaHook): Promise<boolean> => {
    const headers = { 'x-okta-verification-challenge': 'a challenge' };
    const answer = await fetch(hook.channel.config.uri, { headers }).catch(() => undefined);
    const said = (await answer?.json().catch(() => undefined)) as { verification?: string } | undefined;
    return said?.verification === 'a challenge';
  };
  const answer = async (method: string, path: string, body: string): Promise<[number, unknown?]> => {
    const [, id = '', lifecycle] =
      /^\/api\/v1\/eventHooks(?:\/(\w+))?(?:\/lifecycle\/(\w+))?$/.exec(path) ?? [];
    const hook = hooks.get(id);
    if (id === '' && method === 'GET') return [200, [...hooks.values()].map(shown)];
    if (id === '') {
      made += 1;
      const one: OktaHook = {
        ...JSON.parse(body),
        id: `who${made}`,
        status: 'ACTIVE',
        verificationStatus: 'UNVERIFIED',
      };
      hooks.set(one.id, one);
      return [200, shown(one)];
    }
    if (hook === undefined) return [404, { errorCode: 'E0000007' }];
    if (lifecycle === 'verify') {
      if (!(await verify(hook))) return [400, { errorCode: 'E0000001' }];
      hook.verificationStatus = 'VERIFIED';
    } else if (lifecycle !== undefined) {
      hook.status = lifecycle === 'activate' ? 'ACTIVE' : 'INACTIVE';
    } else if (method === 'PUT') {
      Object.assign(hook, JSON.parse(body), { verificationStatus: 'UNVERIFIED' });
    } else if (method === 'DELETE') {
      if (hook.status === 'ACTIVE') return [400, { errorCode: 'E0000001' }];
      hooks.delete(id);
      return [204];
    }
    return [200, shown(hook)];
  };

  const server = await listen(async (request, response) => {
    const { method = '', url = '' } = request;
    seen.push(`${method} ${url}`);
    let body = '';
    for await (const chunk of request) body += chunk;
    const isKnown = request.headers.authorization === `SSWS ${apiToken}`;
    const [status, json] =
      okta.status !== undefined
        ? [okta.status]
        : isKnown
          ? await answer(method, url, body)
          : [401, { errorCode: 'E0000011' }];
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(json === undefined ? '' : JSON.stringify(json));
  });
  const okta: Okta = {
    orgUrl: server.origin,
    apiToken,
    hooks,
    seen,
    status: undefined,
    hidesAddress: false,
    close: server.close,
  };
  return okta;
}
