import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readConnection } from '../../connector/connection.ts';
import { createScimClient } from '../../connector/http/scim-client.ts';
import type { HttpRequest } from '../../connector/platform.ts';
import type { DryRun } from '../../runtime/index.ts';
import { createNodePlatform } from '../../runtime/node/node-platform.ts';
import { openSession, type Session } from '../../runtime/open-session.ts';
import { type Sandbox, startSandbox } from '../../sandbox/index.ts';
import { check } from '../../schemas/check.ts';
import { actionOf, definition } from '../support/open-test-session.ts';

const changing = definition.actions.filter(({ effect }) => effect !== 'read');

let sandbox: Sandbox;
let session: Session;
let sent: HttpRequest[];
/** The IDs of created users. */
let created: string[];
let close: () => void;

beforeEach(async () => {
  sandbox = await startSandbox();
  const connection = readConnection(definition.connection.schema, {
    baseUrl: sandbox.scimBaseUrl,
    token: sandbox.token,
  });
  const node = createNodePlatform({});
  const platform = {
    ...node,
    async send(request: HttpRequest) {
      sent.push(request);
      const response = await node.send(request);
      if (response.status === 201) created.push(JSON.parse(response.body).id);
      return response;
    },
  };
  session = openSession(definition, platform, createScimClient(connection, platform));
  close = node.close;
  sent = [];
  created = [];
  // Those whom the samples name.
  await session.runAction('create_user', { userName: 'ada@example.com', externalId: '00u1a2b3c4d5E6F7g8h9' });
  const grace = await session.runAction('create_user', { userName: 'grace@example.com' });
  const { id: value } = grace as { readonly id: string };
  await session.runAction('create_group', { displayName: 'Engineering', members: [{ value }] });
  created = [];
});

afterEach(async () => {
  close();
  await sandbox.close();
});

/** The sample input, where the provider of the test takes it: Ada is there, and a sample plan is for another provider. */
async function inputOf(key: string): Promise<Readonly<Record<string, unknown>>> {
  const { sampleInput, operation } = actionOf(key);
  if (operation.type === 'apply') {
    const users = [
      { userName: 'ada@example.com', title: 'Analyst', groups: ['Engineering'] },
      { userName: 'hedy@example.com', title: 'Analyst', groups: ['Engineering'] },
      { userName: 'grace@example.com', active: false },
    ];
    const planned = await session.runAction('plan_sync', { users });
    return { plan: (planned as { readonly plan: string }).plan };
  }
  if (operation.type !== 'create' || operation.onConflict !== 'fail') return sampleInput;
  const name = operation.resource === 'User' ? { userName: 'new@example.com' } : { displayName: 'New' };
  return { ...sampleInput, ...name };
}

function changesAmong(requests: readonly HttpRequest[]): readonly string[] {
  const base = new URL(sandbox.scimBaseUrl).pathname;
  return requests
    .filter(({ method, url }) => method !== 'GET' && !url.endsWith('/.search'))
    .map(({ method, url, body }) => `${method} ${new URL(url).pathname.slice(base.length)} ${body}`);
}

/** The IDs of what was just created, as a dry run shows them. */
function withPlaceholders(requests: readonly string[]): readonly string[] {
  return requests.map((request) => created.reduce((text, id) => text.replaceAll(id, '{newUser1}'), request));
}

async function dryRun(key: string, input: unknown): Promise<DryRun> {
  return (await session.runAction(key, input, { dryRun: true })) as DryRun;
}

describe('a dry run of every action that changes something', () => {
  it.each(changing)('$key sends only reads, and predicts what the run then sends', async ({ key }) => {
    const input = await inputOf(key);
    sent = [];
    const predicted = await dryRun(key, input);
    expect(changesAmong(sent)).toEqual([]);
    expect(check(actionOf(key).dryRun?.output ?? {}, predicted)).toEqual([]);

    sent = [];
    await session.runAction(key, input).catch(() => undefined);

    const texts = predicted.requests.map(
      ({ method, path, body }) => `${method} ${path} ${body && JSON.stringify(body)}`,
    );
    expect(texts.toSorted()).toEqual(withPlaceholders(changesAmong(sent)).toSorted());
  });

  it.each(changing.filter(({ idempotent }) => idempotent))(
    '$key reports no change if it has already run',
    async ({ key }) => {
      const input = await inputOf(key);
      await session.runAction(key, input);

      const again = await dryRun(key, input).catch((error: unknown) => error);

      // Its own rename may have taken the name away that the action looks for.
      if (again instanceof Error)
        expect([key, again.message]).toEqual(['update_group', expect.stringContaining('No group')]);
      else expect(again).toMatchObject({ outcome: 'no_change', changes: [] });
    },
  );

  it('is declared by its effect', () => {
    for (const { effect, dryRun: declared } of definition.actions)
      expect(declared !== undefined).toBe(effect !== 'read');
  });
});
