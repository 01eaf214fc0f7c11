import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Connector, ConnectorError, createConnector } from '../../runtime/index.ts';
import { type Sandbox, startSandbox } from '../../sandbox/index.ts';
import { definition } from '../support/open-test-session.ts';

let sandbox: Sandbox;
let connector: Connector;

beforeEach(async () => {
  sandbox = await startSandbox();
  connector = createConnector({ baseUrl: sandbox.scimBaseUrl, token: sandbox.token });
  // Those whom the samples name.
  await connector.actions.create_user({
    userName: 'ada@example.com',
    externalId: '00u1a2b3c4d5E6F7g8h9',
    department: 'Engineering',
  });
  const { id: value } = await connector.actions.create_user({ userName: 'grace@example.com' });
  await connector.actions.create_group({ displayName: 'Engineering', members: [{ value }] });
});

afterEach(async () => {
  connector.close();
  await sandbox.close();
});

/** Everyone and everything at the provider, but for when it was changed. */
async function state(): Promise<unknown> {
  const { resources: users } = await connector.actions.search_users({ sortBy: 'userName' });
  const { resources: groups } = await connector.actions.search_groups({ sortBy: 'displayName' });
  return [...users, ...groups].map(({ meta: _, ...resource }) => resource);
}

/** A plan of this provider that creates, changes, and deactivates. A sample plan is for another one. */
async function planOfSample(): Promise<{ plan: string }> {
  const { plan } = await connector.actions.plan_sync({
    users: [
      { userName: 'ada@example.com', title: 'Analyst', groups: ['Engineering'] },
      { userName: 'hedy@example.com', title: 'Analyst', groups: ['Engineering'] },
      { userName: 'grace@example.com', active: false },
    ],
  });
  return { plan };
}

const safe = definition.actions.filter(({ idempotent }) => idempotent);

describe('an idempotent action', () => {
  it.each(safe)('$key leaves the same state if it runs twice', async ({ key, operation, sampleInput }) => {
    const input = operation.type === 'apply' ? await planOfSample() : sampleInput;
    const before = await state();
    await connector.run(key, input);
    const once = await state();
    const again: unknown = await connector.run(key, input).catch((error: unknown) => error);

    expect(await state()).toEqual(once);
    // Its own rename may have taken the name away that the step looks for.
    if (again instanceof ConnectorError) expect([key, again.code]).toEqual(['update_group', 'not_found']);
    if (/^(get|find|search|discover|plan)_/.test(key)) expect(once).toEqual(before);
  });
});

describe('an action that is not idempotent', () => {
  it.each(['create_user', 'create_group'])(
    '%s fails or creates another resource the second time',
    async (key) => {
      const action = definition.actions.find((candidate) => candidate.key === key);
      expect(action?.idempotent).toBe(false);
      const input = { userName: 'hedy@example.com', displayName: 'Second' };
      const { userName, displayName } = input;
      const given = key === 'create_user' ? { userName } : { displayName };
      await connector.run(key, given);
      const once = await state();

      const again: unknown = await connector.run(key, given).catch((error: unknown) => error);

      if (again instanceof ConnectorError) expect(again.code).toBe('conflict');
      else expect(await state()).not.toEqual(once);
    },
  );
});
