import { expect, it } from 'vitest';
import { createHostPlatform } from '../../../../hosts/kit/host-platform.ts';

const platform = createHostPlatform({
  async send({ url, signal }) {
    const { status, headers, body } = await fetch(url, { signal });
    return { status, headers: Object.fromEntries(headers), body };
  },
  sleep: async () => undefined,
  log: () => undefined,
});

it('says that the Fetch standard blocks a port, and retries nothing', async () => {
  const request = { method: 'GET', headers: {}, timeoutInMs: 10_000, maxResponseBytes: 1_000 } as const;
  await expect(platform.send({ ...request, url: 'http://127.0.0.1:6000/Users' })).rejects.toMatchObject({
    name: 'TransportError',
    code: 'BAD_PORT',
    maybeSent: false,
    isTransient: false,
  });
});
