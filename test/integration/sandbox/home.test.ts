import { describe, expect, it, onTestFinished } from 'vitest';
import { type Sandbox, startSandbox } from '../../../sandbox/index.ts';
import { expectNoSecret } from '../../support/expect-no-secret.ts';

async function open(quirks: readonly string[] = []): Promise<Sandbox> {
  const sandbox = await startSandbox({ quirks });
  onTestFinished(() => sandbox.close());
  return sandbox;
}

describe('GET /', () => {
  it('returns JSON with the URL of each part, which exists', async () => {
    const sandbox = await open(['no-put']);
    const response = await fetch(sandbox.origin);
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
    const body = (await response.json()) as { parts: { url: string }[]; quirks: string[]; about: string };
    expect(body.about).toMatch(/SCIM 2\.0 service/);
    expect(body.quirks).toEqual(['no-put']);
    const urls = body.parts.map(({ url }) => url);
    expect(urls).toEqual(
      expect.arrayContaining([
        sandbox.scimBaseUrl,
        ...Object.values(sandbox.identityScimBaseUrls),
        sandbox.acsUrl,
        sandbox.eventPollUrl,
        sandbox.jwksUrl,
      ]),
    );
    const statuses = await Promise.all(urls.map(async (url) => (await fetch(url)).status));
    expect(statuses).not.toContain(404);
  });

  it('returns a page to a browser, with each part and without secrets', async () => {
    const sandbox = await open();
    const response = await fetch(sandbox.origin, { headers: { accept: 'text/html,application/xhtml+xml' } });
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    const html = await response.text();
    expect(html).toContain('<title>Rolecall sandbox</title>');
    expect(html).toContain(sandbox.scimBaseUrl);
    for (const secret of [sandbox.token, sandbox.adminToken, sandbox.eventPollToken])
      expectNoSecret(html, secret);
  });

  it('accepts no other method and has no other path', async () => {
    const { origin } = await open();
    expect((await fetch(origin, { method: 'POST' })).status).toBe(405);
    expect((await fetch(`${origin}//else`)).status).toBe(404);
    expect((await fetch(`${origin}/else`)).status).toBe(404);
  });
});
