import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type Connector, createConnector } from '../../../runtime/index.ts';
import { parseFaults, type Sandbox, startSandbox } from '../../../sandbox/index.ts';

// The real timers, which say how long they were set for.
vi.mock('node:timers/promises', async (original) => {
  const timers = await original<typeof import('node:timers/promises')>();
  return { ...timers, setTimeout: vi.fn(timers.setTimeout) };
});

let sandbox: Sandbox;
let connector: Connector;

afterEach(async () => {
  connector.close();
  await sandbox.close();
});

async function start(faults: string, seed = 1): Promise<void> {
  sandbox = await startSandbox({ faults: parseFaults(faults), seed });
  connector = createConnector({ baseUrl: sandbox.scimBaseUrl, token: sandbox.token, deadlineInMs: 20_000 });
}

async function send(method: 'GET' | 'POST', path: string, body?: unknown): Promise<Response> {
  return fetch(`${sandbox.scimBaseUrl}${path}`, {
    method,
    headers: { authorization: `Bearer ${sandbox.token}`, 'content-type': 'application/scim+json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}

const ada = { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: 'ada@example.com' };

describe('a sandbox with faults', () => {
  it.each([
    ['lose', 0],
    ['drop', 1],
    ['cut', 1],
  ] as const)(
    '%s: the client gets no complete response, and the request is processed %i times',
    async (kind, times) => {
      await start(`${kind}=1`);
      await expect(send('POST', '/Users', ada).then((response) => response.text())).rejects.toThrow();
      const answer = await fetch(`${sandbox.adminUrl}/members`, {
        headers: { authorization: `Bearer ${sandbox.adminToken}` },
      });
      expect((await answer.text()).split('"ada@example.com"').length > 1).toBe(times === 1);
    },
  );

  it('duplicate: the request is processed twice, and the client gets the first response', async () => {
    await start('duplicate=1');
    expect((await send('POST', '/Users', ada)).status).toBe(201);
    expect(
      (await send('GET', '/Users?filter=userName eq "ada@example.com"').then((response) => response.json()))
        .totalResults,
    ).toBe(1);
  });

  it('delay: the client gets the complete response after a pause of that length', async () => {
    await start('delay=1:50');
    expect((await send('POST', '/Users', ada)).status).toBe(201);
    expect(vi.mocked(sleep).mock.calls).toEqual([[50]]);
  });

  it('lets the connector provision every user exactly once despite all faults', async () => {
    await start('lose=0.1,drop=0.1,cut=0.1,duplicate=0.1,delay=0.1:5', 7);
    const userNames = Array.from({ length: 40 }, (_, index) => `user${index}@example.com`);
    const users = await Promise.all(userNames.map((userName) => connector.actions.create_user({ userName })));
    expect(new Set(users.map(({ id }) => id)).size).toBe(40);
    const { resources } = await connector.actions.search_users({});
    expect(resources.map(({ userName }) => userName).sort()).toEqual([...userNames].sort());
  });
});
