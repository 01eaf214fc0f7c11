import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import acme from '../../examples/overlays/acme.json' with { type: 'json' };
import { type Connector, createConnector } from '../../runtime/index.ts';
import { type Sandbox, startSandbox } from '../../sandbox/index.ts';
import { failureOf } from '../support/failure-of.ts';
import { definition as plain } from '../support/open-test-session.ts';

const [{ id: urn } = { id: '' }] = acme.schemas;
let sandbox: Sandbox;
let connector: Connector;

beforeAll(async () => {
  sandbox = await startSandbox({ userExtensions: acme.schemas });
  connector = createConnector({ baseUrl: sandbox.scimBaseUrl, token: sandbox.token, overlays: [acme] });
});

afterAll(async () => {
  connector.close();
  await sandbox.close();
});

describe('an overlay for a second provider', () => {
  it('adds actions and fields in JSON only, and removes nothing', () => {
    const { actions, resources } = connector.definition;
    const keys = plain.actions.map(({ key }) => key);

    expect(actions.map(({ key }) => key)).toEqual([...keys, ...acme.actions.map(({ key }) => key)]);
    expect(resources.User?.fields.map(({ key }) => key)).toEqual([
      ...(plain.resources.User?.fields.map(({ key }) => key) ?? []),
      'acmeRole',
      'approvalLimit',
    ]);
  });

  it('runs its own action at a provider that has its schema', async () => {
    const { id } = await connector.actions.create_user({ userName: 'ada@example.com' });

    const changed = await connector.run('set_acme_role', { user: { id }, role: 'auditor' });

    expect(changed).toMatchObject({ id, [urn]: { acmeRole: 'auditor' } });
    expect(await connector.actions.get_user({ user: { id } })).toEqual(changed);
  });

  it('adds its fields to the existing actions, in their extension', async () => {
    const created = await connector.run('create_user', {
      userName: 'grace@example.com',
      acmeRole: 'approver',
      approvalLimit: 500,
    });

    expect(created).toMatchObject({
      schemas: expect.arrayContaining([urn]),
      [urn]: { acmeRole: 'approver', approvalLimit: 500 },
    });
  });

  it('has its fields validated like all others', async () => {
    const input = { userName: 'hedy@example.com', acmeRole: 'king', approvalLimit: -1 };

    expect((await failureOf(connector.run('create_user', input))).problems).toEqual([
      { path: 'acmeRole', message: 'must be one of "requester", "approver", "auditor"' },
      { path: 'approvalLimit', message: 'must be 0 or more' },
    ]);
  });

  it('does not affect a connector without it', async () => {
    const other = createConnector({ baseUrl: sandbox.scimBaseUrl, token: sandbox.token });

    const error = await failureOf(other.run('set_acme_role', { user: { id: '1' }, role: 'auditor' }));
    other.close();

    expect(error.message).toContain('unknown action "set_acme_role" (known: create_user, ');
  });
});
