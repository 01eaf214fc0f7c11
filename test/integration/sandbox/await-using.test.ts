import { expect, it } from 'vitest';
import { createConnector } from '../../../runtime/index.ts';
import { createIdp, startIdpServer, startSandbox } from '../../../sandbox/index.ts';

it('closes a connector, a sandbox and the control of an identity provider at the end of their block', async () => {
  const urls: string[] = [];
  {
    await using sandbox = await startSandbox();
    await using control = await startIdpServer(createIdp({ flavor: 'okta', isProvisioning: false }), 'token');
    await using connector = createConnector({ baseUrl: sandbox.scimBaseUrl, token: sandbox.token });
    const { id } = await connector.actions.create_user({ userName: 'ada@example.com' });
    expect(id).not.toBe('');
    urls.push(sandbox.scimBaseUrl, control.idpUrl);
    for (const url of urls) expect((await fetch(url)).status).toBe(401);
  }
  for (const url of urls) await expect(fetch(url)).rejects.toThrow('fetch failed');
});
