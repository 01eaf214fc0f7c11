import { ScimError } from '../../../scim/scim-error.ts';
import { endUserBasePath, samlPaths } from '../../assumptions.ts';
import type { Endpoint } from '../../scim/http/start-scim-server.ts';
import type { ScimResponse } from '../../scim/service/scim-message.ts';
import { environments } from '../environments.ts';
import type { Settings } from '../settings.ts';

/** A part of the sandbox, and how to reach it. */
interface Part {
  readonly name: string;
  readonly url: string;
  /** What it accepts as proof of identity. */
  readonly access: string;
}

/** The options of {@link createHomeEndpoint}. */
export interface HomeOptions {
  readonly origin: string;
  readonly scimBaseUrl: string;
  readonly settings: () => Settings;
}

const about =
  'A workspace with a SCIM 2.0 service that runs on this machine, for tests and demos. It has no real accounts.';
const docsUrl = 'https://github.com/rolecall/rolecall/blob/main/docs';

/** The page at `/`: what the sandbox is, and where its parts are. HTML for browsers, otherwise JSON. It shows no secret. */
export function createHomeEndpoint({ origin, scimBaseUrl, settings }: HomeOptions): Endpoint {
  const parts: readonly Part[] = [
    { name: 'SCIM for members', url: scimBaseUrl, access: 'the SCIM token' },
    ...environments.map((environment) => ({
      name: `SCIM for end users, ${environment}`,
      url: origin + endUserBasePath(environment),
      access: 'a token of its own',
    })),
    { name: 'SAML login', url: origin + samlPaths.acs, access: 'a SAML response, by POST' },
    { name: 'Security events', url: `${origin}/events/poll`, access: 'the polling token, by POST' },
    { name: 'Keys of security events', url: `${origin}/events/jwks.json`, access: 'none: public' },
    { name: 'Developer API', url: `${origin}/api/members`, access: 'the admin token' },
    { name: 'Admin API', url: `${origin}/admin/settings`, access: 'the admin token' },
  ];
  const docs = { sandbox: `${docsUrl}/sandbox.md`, workspace: `${docsUrl}/workspace.md` };
  return ({ method, path, headers }): ScimResponse => {
    if (path !== '') return refuse(new ScimError(404, 'There is nothing at this path.'));
    if (method !== 'GET' && method !== 'HEAD')
      return refuse(new ScimError(405, 'Send GET.', undefined, { allow: 'GET, HEAD' }));
    const { quirks } = settings();
    const isBrowser = headers.accept?.includes('text/html') === true;
    if (!isBrowser)
      return {
        status: 200,
        headers: { 'content-type': 'application/json; charset=utf-8', vary: 'accept' },
        body: { name: 'Rolecall sandbox', about, parts: parts.map((part) => ({ ...part })), quirks, docs },
      };
    return {
      status: 200,
      headers: {
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
        vary: 'accept',
      },
      text: page({ parts, quirks, docs, scimBaseUrl }),
    };
  };
}

function refuse(error: ScimError): ScimResponse {
  return { status: error.status, headers: error.headers, body: error.toBody() };
}

interface PageData {
  readonly parts: readonly Part[];
  readonly quirks: readonly string[];
  readonly docs: { readonly sandbox: string; readonly workspace: string };
  readonly scimBaseUrl: string;
}

// Every value is a constant, the sandbox's own address, or the name of a quirk, so nothing needs to be escaped.
function page({ parts, quirks, docs, scimBaseUrl }: PageData): string {
  const rows = parts.map(
    ({ name, url, access }) =>
      `<tr><th scope="row">${name}</th><td><code>${url}</code></td><td>${access}</td></tr>`,
  );
  const played =
    quirks.length === 0
      ? 'It plays no quirks of other providers.'
      : `It plays these quirks of other providers: ${quirks.map((name) => `<code>${name}</code>`).join(', ')}.`;
  return `<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Rolecall sandbox</title>
<style>
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .4rem .8rem .4rem 0; border-bottom: 1px solid #8884; vertical-align: top; }
th[scope=row] { font-weight: 500; white-space: nowrap; }
code { font-size: .9em; overflow-wrap: anywhere; }
pre { padding: .8rem; background: #8882; overflow: auto; }
</style>
<h1>Rolecall sandbox</h1>
<p>${about} ${played}</p>
<h2>Parts</h2>
<table>
<thead><tr><th scope="col">Part</th><th scope="col">URL</th><th scope="col">Authentication</th></tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table>
<p>The process printed the tokens when it started. Only hashes of them are stored.</p>
<h2>Try it</h2>
<pre>export SCIM_BASE_URL=${scimBaseUrl}
export SCIM_TOKEN=…
curl -s -H "Authorization: Bearer $SCIM_TOKEN" $SCIM_BASE_URL/Users</pre>
<h2>Documentation</h2>
<ul>
<li><a href="${docs.sandbox}">The SCIM service</a>: endpoints, limits, deviations, and quirks</li>
<li><a href="${docs.workspace}">The workspace</a>: roles, tokens, the audit log, events, and the admin API</li>
</ul>
</html>
`;
}
