import { describe, expect, it } from 'vitest';
import { createErrorLabels } from '../../../hosts/kit/error-labels.ts';
import { bulkColumns } from '../../../hosts/n8n/form/bulk-columns.ts';
import { bulkResources } from '../../../hosts/n8n/form/bulk-form.ts';
import { labelOf } from '../../../hosts/n8n/form/words.ts';
import type { N8nItemFunctions } from '../../../hosts/n8n/runtime/n8n-functions.ts';
import type { N8nSession } from '../../../hosts/n8n/runtime/n8n-session.ts';
import { runBulk } from '../../../hosts/n8n/runtime/run-bulk.ts';
import type { ItemResult } from '../../../hosts/n8n/runtime/run-items.ts';
import { readActionRows } from '../../../sync/read-action-rows.ts';
import { actionOf, definition, resourceNamed } from '../../support/open-test-session.ts';

type Json = Readonly<Record<string, unknown>>;

const labels = createErrorLabels(definition, labelOf, 'actions');
const [bulk] = bulkResources(definition);
if (bulk === undefined) throw new TypeError('The manifest has no bulk action');

interface Run {
  readonly results: readonly ItemResult[];
  readonly inputs: readonly Json[];
}

/** Runs an operation for items that are mapped automatically, or each by an object of columns. */
async function run(
  key: string,
  items: readonly Json[],
  {
    output = (rows: readonly Json[]): unknown => ({ results: rows.map((_, at) => done(at + 1)) }),
    options = {} as Json,
    continueOnFail = false,
    mapping = 'autoMapInputData',
    matchBy = undefined as unknown,
  } = {},
): Promise<Run> {
  const inputs: Json[] = [];
  const context = {};
  const functions = {
    getContext: () => context,
    getInputData: () => items.map((json) => ({ json })),
    getNodeParameter(name: string, item: number, fallback?: unknown) {
      if (name === 'columns.mappingMode') return mapping;
      if (name === 'columns.value') return items[item] ?? fallback;
      if (name === 'matchBy') return matchBy;
      return name === 'options' ? options : fallback;
    },
  } as unknown as N8nItemFunctions;
  const session = {
    concurrency: 4,
    async run(_: unknown, { input }: { input: Json }) {
      inputs.push(input);
      return output(input.rows as readonly Json[]);
    },
  } as unknown as N8nSession;
  const results = await runBulk(
    definition,
    bulk as NonNullable<typeof bulk>,
    actionOf(key),
    functions,
    session,
    {
      count: items.length,
      label: (error) => labels.label(error, actionOf(key).fields),
      continueOnFail,
    },
  );
  return { results, inputs };
}

const done = (row: number) => ({
  row,
  user: `user ${row}`,
  ok: true,
  id: `id ${row}`,
  output: { id: 'all' },
});
const error = {
  code: 'not_found',
  message: 'No such user. Check the ID.',
  nextStep: 'Check the ID.',
  attempts: 1,
};
const failed = (row: number) => ({ row, user: `user ${row}`, ok: false, error });

describe('the columns of a bulk operation', () => {
  it.for(bulk.rowActions.map(({ action }) => action.key))('%s can be read, and are named once', (key) => {
    const action = actionOf(key);
    const columns = bulkColumns(resourceNamed('User'), action);
    const ids = columns.map(({ id }) => id);
    const rows = [Object.fromEntries(ids.map((id) => [id, '']))];

    const takesReference = action.fields.some(({ kind }) => kind === 'reference');
    const needed = action.fields.filter(({ required, kind }) => required && kind !== 'reference');
    // Any one of the names of the user is enough.
    expect(ids.includes('id')).toBe(takesReference);
    expect(columns.filter(({ required }) => required).map(({ id }) => id)).toEqual(
      needed.map((one) => one.key),
    );
    expect(ids.length).toBeGreaterThan(2);
    expect(new Set(ids).size).toBe(ids.length);
    expect(new Set(columns.map(({ displayName }) => displayName)).size).toBe(ids.length);
    expect(readActionRows(resourceNamed('User'), action, { source: 'items', rows }).problems).toEqual([]);
  });

  it('are closed lists or text, and rare ones are added first', () => {
    const columns = bulkColumns(resourceNamed('User'), actionOf('upsert_user'));
    const column = (id: string) => columns.find((one) => one.id === id);

    expect(column('userName')).toMatchObject({ displayName: 'Username', type: 'string', required: true });
    // As a switch, it would be off in a new form, and everyone would be deactivated.
    expect(column('active')).toMatchObject({
      displayName: 'Active (true or false)',
      type: 'string',
      removed: false,
    });
    expect(column('name.givenName')).toMatchObject({ displayName: 'Name > Given Name', removed: false });
    expect(column('name.honorificPrefix')).toMatchObject({ removed: true });
    expect(column('costCenter')).toMatchObject({ removed: true });
    // The form has it for all rows.
    expect(column('matchBy')).toMatchObject({ removed: true });
    expect(columns.map(({ id }) => id).filter((id) => /password|manager|ifVersion/.test(id))).toEqual([]);
    const role = bulkColumns(resourceNamed('User'), actionOf('set_workato_role'));
    expect(role.find(({ id }) => id === 'environment')).toMatchObject({
      type: 'options',
      options: [{ value: 'dev' }, { value: 'test' }, { value: 'prod' }],
    });
  });
});

describe('a bulk operation', () => {
  it('sends all items at once, and has a result for each', async () => {
    const items = [
      { userName: 'ada', name: { givenName: 'Ada' }, active: true, employeeNumber: 1815 },
      { userName: 'bob', 'name.givenName': 'Bob', emails: [{ value: 'b@example.com' }], title: null },
    ];
    const { results, inputs } = await run('upsert_user', items);

    expect(inputs).toEqual([
      {
        action: 'upsert_user',
        rows: [
          { userName: 'ada', name: { givenName: 'Ada' }, active: true, employeeNumber: '1815' },
          {
            userName: 'bob',
            name: { givenName: 'Bob' },
            emails: [{ value: 'b@example.com', type: 'work', primary: true }],
          },
        ],
      },
    ]);
    expect(results).toEqual([
      { item: 0, outputs: [{ user: 'user 1', ok: true, id: 'id 1' }] },
      { item: 1, outputs: [{ user: 'user 2', ok: true, id: 'id 2' }] },
    ]);
  });

  it('reads mapped columns, and skips an item without any value', async () => {
    const items = [{ id: '7', title: 'Analyst' }, {}, { userName: 'cyd', title: '' }];
    const { results, inputs } = await run('update_user', items, { mapping: 'defineBelow' });

    expect(inputs[0]?.rows).toEqual([{ id: '7', title: 'Analyst' }, { userName: 'cyd' }]);
    expect(results.map(({ item }) => item)).toEqual([0, 2]);
  });

  it('passes what identifies the users of all rows, where rows mean existing users', async () => {
    const inputOf = async (key: string, matchBy: string) =>
      (await run(key, [{ userName: 'ada', externalId: 'hr-1' }], { matchBy })).inputs[0];

    expect(await inputOf('upsert_user', 'externalId')).toMatchObject({ matchBy: 'externalId' });
    expect(await inputOf('update_user', 'externalId')).toMatchObject({ matchBy: 'externalId' });
    expect(await inputOf('update_user', '')).not.toHaveProperty('matchBy');
    expect(await inputOf('create_user', 'externalId')).not.toHaveProperty('matchBy');
  });

  it('returns a failed row as an item that says so', async () => {
    const output = () => ({ results: [failed(1), done(2)] });
    const items = [{ id: '1' }, { id: '2' }];
    const { results } = await run('delete_user', items, { output });

    expect(results).toMatchObject([
      {
        item: 0,
        outputs: [{ ok: false, user: 'user 1', error: { code: 'not_found', message: error.message } }],
      },
      { item: 1, outputs: [{ ok: true }] },
    ]);
    const unknown = { ...error, message: 'No user matches userName "x". Check the ID.' };
    const named = await run('delete_user', items, {
      output: () => ({ results: [{ ...failed(1), error: unknown }, done(2)] }),
    });
    expect(named.results[0]?.outputs[0]).toMatchObject({
      error: { message: 'No user matches Username "x". Check the ID.' },
    });
    const going = await run('delete_user', items, { output, continueOnFail: true });
    expect(going.results).toMatchObject([
      { item: 0, outputs: [], error: { what: 'No such user.', nextStep: 'Check the ID.' } },
      { item: 1, outputs: [{ ok: true }] },
    ]);
  });

  it('fails if all rows failed, also those that cannot be read', async () => {
    const items = [{ id: '1' }, { id: '2' }];
    const output = () => ({ results: [failed(1), failed(2)] });
    await expect(run('delete_user', items, { output })).rejects.toMatchObject({
      code: 'not_found',
      what: 'All 2 items failed. user 1: No such user. user 2: No such user.',
    });

    const unreadable = await run('upsert_user', [
      { userName: 'ada' },
      { userName: 'bob', active: 'perhaps' },
    ]);
    expect(unreadable.inputs[0]?.rows).toEqual([{ userName: 'ada' }]);
    expect(unreadable.results[1]).toMatchObject({ item: 1, outputs: [{ ok: false, user: 'bob' }] });
    await expect(run('upsert_user', [{ userName: 'bob', active: 'perhaps' }])).rejects.toThrow('perhaps');
  });

  it('rejects columns that mean nothing, unless they are ignored', async () => {
    const items = [{ userName: 'ada' }, { userName: 'bob', departement: 'X', row_number: 2 }];

    await expect(run('upsert_user', items)).rejects.toMatchObject({
      what: 'The operation has no columns "departement" (did you mean "department"?), "row_number".',
    });
    await expect(run('upsert_user', [{ userName: 'ada', row_number: 2 }])).rejects.toMatchObject({
      what: 'The operation has no column "row_number".',
    });
    const options = { ignoredColumns: 'row_number, departement' };
    expect((await run('upsert_user', items, { options })).inputs[0]?.rows).toEqual([
      { userName: 'ada' },
      { userName: 'bob' },
    ]);
    const going = await run('upsert_user', items, { continueOnFail: true });
    expect(going.results.map(({ error: thrown }) => thrown?.message.slice(0, 28))).toEqual(
      Array(2).fill('The operation has no columns'),
    );
  });

  it('returns the dry run of each row with its own requests and changes', async () => {
    const output = () => ({
      dryRun: true,
      rows: [
        { row: 1, name: 'ada', ok: true, outcome: 'change' },
        { row: 2, name: 'bob', ok: false, error },
      ],
      requests: [{ method: 'DELETE', path: '/Users/1', row: 1 }],
      changes: [{ kind: 'delete', id: '1', row: 1 }],
    });
    const { results } = await run('delete_user', [{ id: '1' }, { id: '2' }], {
      output,
      options: { dryRun: true },
    });

    expect(results[0]?.outputs).toEqual([
      {
        dryRun: true,
        name: 'ada',
        ok: true,
        outcome: 'change',
        requests: [{ method: 'DELETE', path: '/Users/1' }],
        changes: [{ kind: 'delete', id: '1' }],
      },
    ]);
    expect(results[1]?.outputs).toMatchObject([{ ok: false, user: 'bob' }]);
  });

  it('obeys the safety limit before the first request', async () => {
    const options = { removalLimit: 1 };
    const items = [{ id: '1' }, { id: '2' }];

    await expect(run('delete_user', items, { options })).rejects.toMatchObject({
      code: 'mass_change_blocked',
    });
    expect((await run('reactivate_user', items, { options })).results).toHaveLength(2);
  });
});
