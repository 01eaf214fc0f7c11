import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import acme from '../../../examples/overlays/acme.json' with { type: 'json' };
import type { ZapierField } from '../../../hosts/zapier/form/zapier-field.ts';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../../sandbox/index.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { openZapier, type ZapierRuntime } from './support/open-zapier.ts';

const folder = temporaryFolder();
let zapier: ZapierRuntime;
let sandbox: Sandbox;
let authData: Readonly<Record<string, unknown>>;

beforeAll(async () => {
  zapier = await openZapier(folder.path);
});
afterAll(() => folder[Symbol.dispose]());
beforeEach(async () => {
  sandbox = await startSandbox({
    userExtensions: acme.schemas as NonNullable<SandboxOptions['userExtensions']>,
  });
  authData = { baseUrl: sandbox.scimBaseUrl, token: sandbox.token };
});
afterEach(() => sandbox.close());

/** The form of an action, as Zapier shows it after a field has changed. */
async function fieldsOf(
  key: string,
  inputData: Readonly<Record<string, unknown>> = {},
): Promise<readonly ZapierField[]> {
  const { inputFields } = zapier.app.creates[key]?.operation ?? {};
  return (await zapier.call(inputFields, { authData, inputData })) as readonly ZapierField[];
}

function run(key: string, inputData: Readonly<Record<string, unknown>>): Promise<unknown> {
  return zapier.call(zapier.app.creates[key]?.operation.perform, { authData, inputData });
}

const user = { user_by: 'userName', user: 'ada@example.com' };

describe("the provider's own attributes in Zapier", () => {
  it('are fields of the form, and reach the provider', async () => {
    const field = (await fieldsOf('update_user')).find(({ key }) => key === 'approvalLimit');
    expect(field).toMatchObject({ label: 'Approval Limit', type: 'integer' });

    await run('create_user', { userName: 'ada@example.com' });
    const updated = await run('update_user', { ...user, approvalLimit: '5000' });
    expect(JSON.stringify(updated)).toContain('"approvalLimit":5000');
  });

  it('are rejected if the provider does not have them', async () => {
    await run('create_user', { userName: 'ada@example.com' });

    await expect(run('update_user', { ...user, approvalLimits: '5000' })).rejects.toThrow(
      /approvalLimits.* is not among the attributes of the provider/,
    );
  });

  it('are omitted from the form if the provider cannot be asked', async () => {
    authData = { ...authData, baseUrl: `${sandbox.scimBaseUrl}/nothing` };

    expect((await fieldsOf('update_user')).some(({ key }) => key === 'userName')).toBe(true);
    authData = { baseUrl: sandbox.scimBaseUrl, token: 'wrong' };
    await expect(fieldsOf('update_user')).rejects.toMatchObject({ name: 'ExpiredAuthError' });
  });
});

describe('the rows of a batch in Zapier', () => {
  it('have the fields of the selected action', async () => {
    const columnsOf = async (action?: string): Promise<readonly string[] | undefined> => {
      const fields = await fieldsOf('bulk_users', action === undefined ? {} : { action });
      return fields.find(({ key }) => key === 'rows')?.children?.map(({ key }) => key);
    };

    expect(await columnsOf('deactivate_user')).toEqual([
      'rows_id',
      'rows_userName',
      'rows_externalId',
      'rows_email',
      'rows_ifVersion',
    ]);
    expect(await columnsOf()).toEqual(expect.arrayContaining(['rows_userName', 'rows_name_givenName']));
  });
});
