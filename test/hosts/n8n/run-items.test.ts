import { describe, expect, it } from 'vitest';
import { ConnectorError } from '../../../connector/errors.ts';
import type { N8nItemFunctions } from '../../../hosts/n8n/runtime/n8n-functions.ts';
import type { N8nSession } from '../../../hosts/n8n/runtime/n8n-session.ts';
import { type ItemResult, runItems } from '../../../hosts/n8n/runtime/run-items.ts';
import { actionOf, definition } from '../../support/open-test-session.ts';

type Run = (input: Readonly<Record<string, unknown>>) => Promise<unknown>;

/** Runs an action for items whose parameters are these; a function returns what its expression throws. */
function run(
  key: string,
  items: readonly Readonly<Record<string, unknown>>[],
  work: Run,
  continueOnFail = false,
  context: Record<string, unknown> = {},
): Promise<readonly ItemResult[]> {
  const functions = {
    getContext: () => context,
    getNode: () => ({ id: 'node', type: 'scim' }),
    getNodeParameter(name: string, item: number, fallback?: unknown) {
      const given = items[item]?.[name];
      return typeof given === 'function' ? given() : (given ?? fallback);
    },
  } as unknown as N8nItemFunctions;
  const session = { concurrency: 4, run: (_: unknown, { input }: { input: object }) => work({ ...input }) };
  return runItems(definition, actionOf(key), functions, session as unknown as N8nSession, {
    count: items.length,
    continueOnFail,
  });
}

const people = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ userName: `user-${index}` }));
const later = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const messages = (results: readonly ItemResult[]) => results.map(({ error }) => error?.message);

describe('the items of a run', () => {
  it.each([
    [
      'a failure of the connector',
      new ConnectorError('conflict', { what: 'It is there.', nextStep: 'Look.' }),
    ],
    ['any other', new TypeError('A domain that is not allowed')],
  ])('stop at %s, and no request is sent afterwards', async (_, failure) => {
    const begun: unknown[] = [];
    let underWay = 0;
    const results = await run('create_user', people(100), async ({ userName }) => {
      begun.push(userName);
      underWay += 1;
      await later();
      underWay -= 1;
      if (userName === 'user-3') throw failure;
      return { id: userName };
    });

    expect(underWay).toBe(0);
    expect(begun.length).toBeLessThanOrEqual(8);
    await later();
    expect(begun.length).toBeLessThanOrEqual(8);
    expect(messages(results)).toContain(failure.message);
  });

  it('continue after any failure, even of an expression, if the workflow continues on errors', async () => {
    const items = [
      { userName: 'ada' },
      {
        userName: () => {
          throw new Error('Referenced node does not exist');
        },
      },
      { userName: 'bob' },
      { userName: 'cyd' },
    ];
    const results = await run(
      'create_user',
      items,
      async ({ userName }) => {
        if (userName === 'bob') throw new Error('Nobody answers');
        return { id: userName };
      },
      true,
    );

    expect(results.map(({ outputs }) => outputs)).toEqual([[{ id: 'ada' }], [], [], [{ id: 'cyd' }]]);
    expect(messages(results)).toEqual([
      undefined,
      'Referenced node does not exist',
      'Nobody answers',
      undefined,
    ]);
  });

  it('keep the order of items that can be about the same user, however they name it', async () => {
    const done: unknown[] = [];
    const named = (mode: string, value: string) => ({ user: { mode, value } });
    const items = [named('userName', 'ada'), named('id', '1'), named('userName', 'bob'), named('id', '2')];
    await run('deactivate_user', items, async ({ user }) => {
      done.push(Object.values(user as object)[0]);
      if (done.length === 1) await later();
      done.push('done');
      return {};
    });

    expect(done).toEqual(['ada', 'done', '1', 'done', 'bob', 'done', '2', 'done']);
  });

  it('have their rows read like a form', async () => {
    const rows = [
      { userName: ' ada@example.com ', title: '', department: null, active: 'TRUE', employeeNumber: 1815 },
      'no row',
    ];
    const inputs: unknown[] = [];
    await run('bulk_users', [{ action: 'upsert_user', rows: JSON.stringify(rows) }], async (input) => {
      inputs.push(input);
      return {};
    });
    const update = [{ user: '42', title: null, nickName: 5 }];
    await run('bulk_users', [{ action: 'update_user', rows: update }], async (input) => {
      inputs.push(input);
      return {};
    });

    expect(inputs).toEqual([
      {
        action: 'upsert_user',
        rows: [{ userName: 'ada@example.com', active: true, employeeNumber: '1815' }, 'no row'],
      },
      { action: 'update_user', rows: [{ user: { id: '42' }, title: null, nickName: '5' }] },
    ]);
  });
});

describe('the output of an item', () => {
  const found = {
    schemas: ['urn:a'],
    title: 'Analyst',
    id: '1',
    'urn:b:User': { department: 'Engineering' },
  };
  const get = async (parameters: Readonly<Record<string, unknown>>) => {
    const [result] = await run('get_user', [{ user: '1', ...parameters }], async () => found);
    return result?.outputs;
  };

  it('is simplified, unless the form says otherwise', async () => {
    const simple = { id: '1', title: 'Analyst', 'urn:b:User': { department: 'Engineering' } };

    expect(await get({})).toEqual([simple]);
    expect(await get({ simplify: 'false' })).toEqual([found]);
  });

  it('stays as it is after a dry run', async () => {
    const dry = { dryRun: true, schemas: ['urn:a'] };
    const items = [{ userName: 'ada', options: { dryRun: true } }];

    expect((await run('create_user', items, async () => dry))[0]?.outputs).toEqual([dry]);
  });
});

describe('the safety limit', () => {
  const user = (userName: string) => ({ mode: 'userName', value: userName });
  const options = { removalLimit: 2 };
  const named = (...names: readonly string[]) => names.map((name) => ({ user: user(name), options }));
  const nobody: Run = () => Promise.reject(new Error('A request was sent'));
  const ok: Run = async ({ user: reference }) => ({ reference });

  it('stops all items before the first request if they are more', async () => {
    const results = await run('delete_user', named('ada', 'bob', 'cyd'), nobody);

    expect(messages(results)).toEqual([
      expect.stringContaining(
        'would delete 3 users, and `removalLimit` allows 2. None of these items was sent: ada, bob, cyd.',
      ),
      ...Array.from({ length: 2 }, () => expect.stringContaining('would delete 3 users')),
    ]);
    expect(results[0]?.error).toMatchObject({ code: 'mass_change_blocked' });
  });

  it('counts the runs of an execution together, and the same user once', async () => {
    const context = {};
    const next = async (...names: readonly string[]) =>
      messages(await run('deactivate_user', named(...names), ok, false, context));

    expect(await next('ada')).toEqual([undefined]);
    expect(await next('Ada', 'bob')).toEqual([undefined, undefined]);
    expect(await next('cyd')).toEqual([
      expect.stringContaining('would deactivate 1 user, after 2 earlier in this execution,'),
    ]);
    expect(await next('bob')).toEqual([undefined]);
  });

  it('does not count dry runs', async () => {
    const dry = named('ada', 'bob', 'cyd').map((item) => ({
      ...item,
      options: { ...options, dryRun: true },
    }));

    expect(messages(await run('delete_user', dry, ok))).toEqual([undefined, undefined, undefined]);
  });

  it('counts updates that deactivate, and no others', async () => {
    const update = (name: string, updateFields: object) => ({ user: user(name), updateFields, options });
    const items = [
      update('ada', { active: 'false' }),
      update('bob', { title: 'Analyst' }),
      update('cyd', { active: false }),
      update('dan', { active: true }),
      { user: user('eve'), clear: ['active'], options },
    ];
    const results = await run('update_user', items, ok, true);

    const blocked = expect.stringContaining('would deactivate 3 users');
    expect(messages(results)).toEqual([blocked, undefined, blocked, undefined, blocked]);
    expect(messages(await run('update_user', items.slice(0, 4), ok))).toEqual(Array(4).fill(undefined));
  });

  it('counts the rows of a bulk action', async () => {
    const bulk = (action: string, rows: readonly object[]) => [{ action, rows, options }];
    const rows = [{ userName: 'ada' }, { id: '2' }, { user: { email: 'cyd@example.com' } }];

    expect(messages(await run('bulk_users', bulk('delete_user', rows), nobody))).toEqual([
      expect.stringContaining('3 users'),
    ]);
    expect(messages(await run('bulk_users', bulk('set_workato_role', rows), ok))).toEqual([undefined]);
  });

  it('counts the members that are removed, and those who are not in the new list', async () => {
    const group = { mode: 'displayName', value: 'Sales' };
    const members = (...names: readonly string[]) => ({
      values: names.map((name) => ({ reference: user(name) })),
    });
    const remove = [{ group, members: members('ada', 'bob', 'cyd'), options }];
    expect(messages(await run('remove_group_members', remove, nobody))).toEqual([
      expect.stringContaining(
        'would end 3 memberships, and `removalLimit` allows 2. None of these items was sent: ada in Sales, bob in Sales, cyd in Sales.',
      ),
    ]);

    const gone = (value: string) => ({
      path: `members[value eq "${value}"]`,
      from: { value },
      to: null,
      id: '7',
      name: 'Sales',
    });
    const preview = { outcome: 'change', changes: [gone('1'), gone('2'), gone('3')], notes: [] };
    const set = [{ group, members: members('ada'), options }];
    expect(messages(await run('set_group_members', set, async () => preview))).toEqual([
      expect.stringContaining('would end 3 memberships'),
    ]);
    const small = { ...preview, changes: [gone('1'), { ...gone('2'), from: null, to: { value: '2' } }] };
    expect(messages(await run('set_group_members', set, async () => small))).toEqual([undefined]);
    const hidden = { outcome: 'unknown', changes: [], notes: ['The members are hidden.'] };
    expect(messages(await run('set_group_members', set, async () => hidden))).toEqual([
      expect.stringContaining('cannot be counted, and it was not sent. The members are hidden.'),
    ]);
    const rename = [{ group, updateFields: { displayName: 'Sales EMEA' }, options }];
    expect(messages(await run('update_group', rename, async () => hidden))).toEqual([undefined]);
  });

  it('is the smallest one if items have different ones', async () => {
    const items = [...named('ada', 'bob'), { user: user('cyd'), options: { removalLimit: 100 } }];

    expect(messages(await run('delete_user', items, nobody))[2]).toContain('allows 2');
  });
});
