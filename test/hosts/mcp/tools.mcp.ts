import { afterAll, describe, expect, it } from 'vitest';
import { type ToolsetName, toolsetNames } from '../../../hosts/mcp/toolsets.ts';
import { createConnector, parseOverlay } from '../../../runtime/index.ts';
import { call, dataOf, eras, openClient } from './support/open-client.ts';

const connector = createConnector({ baseUrl: 'https://scim.example.com/scim/v2', token: 'unused' });
const { actions } = connector.definition;

/** What a model reads before it does anything, in bytes of `tools/list`. */
const maxListBytes: Readonly<Record<ToolsetName, number>> = {
  'read-only': 12_000,
  everyday: 25_000,
  all: 40_000,
};

describe.each(eras)('tools/list of %s', (era) => {
  it.each(toolsetNames)('is small enough for the toolset %s', async (toolset) => {
    await using open = await openClient({ connector, toolset }, { era });

    const bytes = Buffer.byteLength(JSON.stringify(await open.client.listTools()));

    expect(bytes).toBeLessThan(maxListBytes[toolset]);
  });

  it('says of each tool what the traits of its action say', async () => {
    await using open = await openClient({ connector }, { era });

    const { tools } = await open.client.listTools();

    for (const { key, title, description, effect, idempotent } of actions) {
      const tool = tools.find(({ name }) => name === key);
      expect(tool, key).toMatchObject({ title, description });
      expect(tool?.annotations, key).toEqual(
        effect === 'read'
          ? { readOnlyHint: true }
          : { readOnlyHint: false, destructiveHint: effect === 'destructive', idempotentHint: idempotent },
      );
    }
  });
});

describe('a toolset', () => {
  const offeredBy = async (toolset: ToolsetName): Promise<readonly string[]> => {
    await using open = await openClient({ connector, toolset });
    const { tools } = await open.client.listTools();
    return tools.map(({ name }) => name);
  };

  it('offers only tools that change nothing if it is read-only', async () => {
    await using open = await openClient({ connector, toolset: 'read-only' });

    const { tools } = await open.client.listTools();

    expect(tools.filter(({ annotations }) => annotations?.readOnlyHint !== true)).toEqual([]);
    expect(tools.map(({ name }) => name)).not.toContain('preview_action');
    await expect(call(open.client, 'delete_user', { user: { id: '1' } })).rejects.toThrow(
      'delete_user not found',
    );
  });

  it('offers the actions that the manifest declares as everyday work', async () => {
    const everyday = actions.filter((action) => action.everyday).map(({ key }) => key);

    const offered = await offeredBy('everyday');

    expect(offered).toEqual([
      'describe_action',
      'preview_action',
      'report_calls',
      'report_roles',
      ...everyday,
    ]);
    expect(everyday.length).toBeGreaterThan(5);
  });

  it('offers every action, those of an overlay included, if it is all', async () => {
    const overlay = parseOverlay({
      overlayVersion: 1,
      title: 'Suspensions',
      actions: [
        {
          key: 'suspend_user',
          title: 'Suspend user',
          group: 'Users',
          description: 'Suspends a user.',
          idempotent: true,
          operation: {
            type: 'patch',
            resource: 'User',
            operations: [{ op: 'replace', path: 'userType', value: 'suspended' }],
          },
          fields: [],
          sampleInput: { user: { userName: 'ada@example.com' } },
        },
      ],
    });
    const extended = createConnector({
      baseUrl: 'https://scim.example.com',
      token: 'unused',
      overlays: [overlay],
    });
    await using open = await openClient({ connector: extended });

    const { tools } = await open.client.listTools();

    expect(tools.map(({ name }) => name)).toEqual([
      'describe_action',
      'preview_action',
      'report_calls',
      'report_roles',
      ...actions.map(({ key }) => key),
      'suspend_user',
    ]);
    expect(tools.at(-1)?.annotations).toMatchObject({ destructiveHint: true });
  });
});

describe('describe_action', () => {
  it('returns every field of an action, also of one that is not offered', async () => {
    await using open = await openClient({ connector, toolset: 'read-only' });
    for (const { key, fields, sampleInput } of actions) {
      const described = dataOf(await call(open.client, 'describe_action', { action: key })) as {
        readonly input: { readonly properties: object };
      };
      expect(Object.keys(described.input.properties), key).toEqual(
        expect.arrayContaining(fields.map((field) => field.key)),
      );
      expect(described, key).toMatchObject({ key, sampleInput });
    }
  });

  it('lists all actions, and which of them are offered, if none is given', async () => {
    await using open = await openClient({ connector, toolset: 'everyday' });

    const { actions: listed } = dataOf(await call(open.client, 'describe_action', {})) as {
      readonly actions: readonly { readonly key: string; readonly isOffered: boolean }[];
    };

    expect(listed.map(({ key }) => key)).toEqual(actions.map(({ key }) => key));
    expect(listed.filter(({ isOffered }) => isOffered).map(({ key }) => key)).toEqual(
      actions.filter(({ everyday }) => everyday).map(({ key }) => key),
    );
  });

  it('suggests the key that was meant if there is no such action', async () => {
    await using open = await openClient({ connector });

    const result = await call(open.client, 'describe_action', { action: 'get_users' });

    expect(result.isError).toBe(true);
    expect(dataOf(result)).toMatchObject({
      code: 'invalid_input',
      message: expect.stringContaining('get_user'),
    });
  });
});

afterAll(() => connector.close());
