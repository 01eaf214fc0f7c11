import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Connector, ConnectorError, createConnector } from '../../runtime/index.ts';
import { type Sandbox, startSandbox } from '../../sandbox/index.ts';
import { actionOf } from '../support/open-test-session.ts';

let sandbox: Sandbox;
let connector: Connector;

beforeEach(async () => {
  sandbox = await startSandbox();
  connector = createConnector({ baseUrl: sandbox.scimBaseUrl, token: sandbox.token });
  const { create_user, create_group } = connector.actions;
  const { id } = await create_user({ userName: 'ada@example.com', externalId: 'hr-1', active: true });
  await create_user({ userName: 'bob@example.com', externalId: 'hr-2', active: true });
  await create_user({ userName: 'cleo@example.com', externalId: 'crm-1', active: true });
  for (const displayName of ['Crew', 'Staff']) await create_group({ displayName, members: [{ value: id }] });
});

afterEach(async () => {
  connector.close();
  await sandbox.close();
});

const ada = { userName: 'ada@example.com', externalId: 'hr-1' };
const owned = { users: [ada], ownedBy: 'externalId:hr-' };

/** For each field of the action, two inputs that differ only in this field, and must differ in their plans. */
const planned: Readonly<Record<string, readonly [object, object]>> = {
  users: [{ users: [{ ...ada, title: 'Analyst' }] }, { users: [{ ...ada, title: 'Countess' }] }],
  ownedBy: [owned, { ...owned, ownedBy: 'filter:userName sw "bob"' }],
  missing: [owned, { ...owned, missing: 'delete' }],
  neverTouch: [owned, { ...owned, neverTouch: ['bob@*'] }],
  groups: [
    { users: [{ ...ada, groups: [] }], groups: ['Crew'] },
    { users: [{ ...ada, groups: [] }], groups: ['all'] },
  ],
  createGroups: [
    { users: [{ ...ada, groups: ['New'] }], createGroups: true },
    { users: [{ ...ada, groups: ['New'] }] },
  ],
  matchBy: [
    { users: [{ ...ada, userName: 'bob@example.com' }], matchBy: 'userName' },
    { users: [{ ...ada, userName: 'bob@example.com' }], matchBy: 'externalId' },
  ],
  map: [
    { users: [{ ...ada, Job: 'Analyst' }], map: { Job: 'title' } },
    { users: [{ ...ada, Job: 'Analyst' }], map: { Job: 'department' } },
  ],
  safetyLimit: [owned, { ...owned, safetyLimit: 0 }],
};

async function outcomeOf(key: string, input: unknown): Promise<unknown> {
  try {
    const { planId: _, plan: __, ...rest } = (await connector.run(key, input)) as Record<string, unknown>;
    return rest;
  } catch (error) {
    if (error instanceof ConnectorError) return error.message;
    throw error;
  }
}

it.each(Object.entries(planned))(
  'the field %s of a plan changes what is planned',
  async (_, [one, other]) => {
    const [first, second] = [await outcomeOf('plan_sync', one), await outcomeOf('plan_sync', other)];

    expect(first).toBeTypeOf('object');
    expect(second).not.toEqual(first);
  },
);

it('covers every field of a plan', () => {
  expect(Object.keys(planned)).toEqual(actionOf('plan_sync').fields.map(({ key }) => key));
});

it('every field of an apply changes what is made', async () => {
  const held = await connector.actions.plan_sync({ ...owned, safetyLimit: 0 });
  const [hold] = held.holds;
  const update = await connector.actions.plan_sync({ users: [{ ...ada, title: 'Analyst' }] });
  const inputs = {
    base: { plan: held.plan },
    whenHeld: { plan: held.plan, whenHeld: 'report' },
    plan: { plan: update.plan },
    approve: { plan: held.plan, approve: [hold?.id] },
  };

  const outcomes: string[] = [];
  for (const input of Object.values(inputs))
    outcomes.push(JSON.stringify(await outcomeOf('apply_sync', input)));

  expect(new Set(outcomes).size).toBe(4);
  const fields = actionOf('apply_sync').fields.map(({ key }) => key);
  expect(Object.keys(inputs).toSorted()).toEqual(['base', ...fields].toSorted());
});
