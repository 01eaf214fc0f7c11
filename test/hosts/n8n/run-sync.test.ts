import { describe, expect, it } from 'vitest';
import { errorParts } from '../../../hosts/n8n/runtime/error-parts.ts';
import type { N8nItemFunctions } from '../../../hosts/n8n/runtime/n8n-functions.ts';
import type { N8nSession } from '../../../hosts/n8n/runtime/n8n-session.ts';
import type { ItemResult } from '../../../hosts/n8n/runtime/run-items.ts';
import { runSync } from '../../../hosts/n8n/runtime/run-sync.ts';
import { actionOf } from '../../support/open-test-session.ts';

type Parameters = Readonly<Record<string, unknown>>;

/** Runs an action whose parameters are these for its first item, and returns what came of it and its input. */
async function run(
  key: 'plan_sync' | 'apply_sync',
  parameters: Parameters,
  output: object,
  { count = 3, continueOnFail = false } = {},
): Promise<{ readonly results: readonly ItemResult[]; readonly inputs: readonly unknown[] }> {
  const inputs: unknown[] = [];
  const functions = {
    getNodeParameter: (name: string, item: number, fallback?: unknown) =>
      item === 0 ? (parameters[name] ?? fallback) : 'of another item',
  } as unknown as N8nItemFunctions;
  const session = {
    run(_: unknown, { input }: { input: unknown }) {
      inputs.push(input);
      return output instanceof Error ? Promise.reject(output) : Promise.resolve(output);
    },
  } as unknown as N8nSession;
  const list = key === 'plan_sync' ? 'changes' : 'results';
  const results = await runSync(actionOf(key), list, functions, session, { count, continueOnFail });
  return { results, inputs };
}

const user = (name: string) => ({ id: name, userName: `${name}@example.com` });
const changed = {
  id: 'row 2',
  kind: 'update',
  user: user('ada'),
  attributes: [],
  row: 2,
  outcome: 'changed',
};
const missing = { id: 'user bob', kind: 'deactivate', user: user('bob'), attributes: [], outcome: 'changed' };
const refused = { ...changed, id: 'row 3', row: 3, outcome: 'refused', message: 'It has changed.' };

describe('a plan of all items', () => {
  const plan = { planId: 'plan-1', problems: [{ rows: [1, 3], message: 'They are one.' }], plan: '{}' };

  it('becomes a summary, and an item for each change, paired with the item of its row', async () => {
    const { results } = await run('plan_sync', { users: [] }, { ...plan, changes: [changed, missing] });

    expect(results).toEqual([
      { item: 0, outputs: [{ ...plan, kind: 'summary', name: 'plan-1', outcome: 'no changes' }] },
      { item: 1, outputs: [{ ...changed, name: 'ada@example.com' }] },
      { item: 0, outputs: [{ ...missing, name: 'bob@example.com' }] },
    ]);
  });

  it('begins every item with the same columns, so that a table of them is readable', async () => {
    const counts = { create: 0, update: 1, deactivate: 1, create_group: 1, join: 1 };
    const { outcome: _, ...update } = changed;
    const { outcome: __, ...deactivate } = { ...missing, heldBy: 'hold-1' };
    const group = { displayName: 'Sales' };
    const changes = [
      update,
      deactivate,
      { id: 'group Sales', kind: 'create_group', group },
      { id: 'join', kind: 'join', user: user('ada'), group },
    ];
    const { results } = await run('plan_sync', { users: [] }, { ...plan, counts, changes });
    const items = results.flatMap(({ outputs }) => outputs);

    expect(items.map((item) => Object.entries(item).slice(0, 3))).toEqual(
      [
        ['summary', 'plan-1', '1 update, 1 deactivate, 1 create group, 1 join'],
        ['update', 'ada@example.com', 'planned'],
        ['deactivate', 'bob@example.com', 'held'],
        ['create_group', 'Sales', 'planned'],
        ['join', 'ada@example.com (joins Sales)', 'planned'],
      ].map(([kind, name, outcome]) => [
        ['kind', kind],
        ['name', name],
        ['outcome', outcome],
      ]),
    );
    expect(items[0]).toMatchObject({ plan: '{}', counts });
  });

  it('has an error for each row that cannot be used, if the workflow continues on errors', async () => {
    const options = { continueOnFail: true };
    const { results } = await run('plan_sync', { users: [] }, { ...plan, changes: [] }, options);

    expect(results.slice(1)).toEqual([
      { item: 0, outputs: [{ error: 'They are one.', details: { row: 1 } }] },
      { item: 2, outputs: [{ error: 'They are one.', details: { row: 3 } }] },
    ]);
  });

  it('reads numbers and dates of sheets as text, and keeps everything else', async () => {
    const hired = new Date('2026-05-01T00:00:00Z');
    const users = [{ userName: 'ada', employeeNumber: 1815, hired, active: true, title: null }, 'no row'];
    const { inputs } = await run('plan_sync', { users }, { ...plan, changes: [] });

    expect(inputs).toEqual([
      {
        users: [
          {
            userName: 'ada',
            employeeNumber: '1815',
            hired: '2026-05-01T00:00:00.000Z',
            active: true,
            title: null,
          },
          'no row',
        ],
      },
    ]);
  });

  it('is paired with the first item if a row is of none', async () => {
    const far = { ...changed, row: 9 };
    const { results } = await run('plan_sync', { users: [] }, { ...plan, changes: [far] });

    expect(results[1]?.item).toBe(0);
  });
});

describe('an applied plan', () => {
  const result = { planId: 'plan-1', counts: {}, holds: [] };

  it('is an error that names the changes that were not made', async () => {
    const many = Array.from({ length: 12 }, (_, index) => ({ ...refused, user: user(`user-${index}`) }));
    const { results } = await run('apply_sync', { plan: '{}' }, { ...result, results: [changed, ...many] });
    const [{ outputs, error } = { outputs: [] }, ...others] = results;

    expect([outputs, others]).toEqual([[], []]);
    const { message } = errorParts(error);
    expect(message).toContain('Changes that were not made: 12 of 13. user-0@example.com (update): It has');
    expect(message).toContain('user-9@example.com');
    expect(message).not.toContain('user-10@example.com');
    expect(message).toContain('and 2 more');
  });

  it('has an error for each change that was not made, if the workflow continues on errors', async () => {
    const held = { ...missing, outcome: 'held', message: 'Approve it.' };
    const options = { continueOnFail: true };
    const { results } = await run(
      'apply_sync',
      { plan: '{}' },
      { ...result, results: [changed, refused, held] },
      options,
    );

    const { message: _, ...details } = refused;
    expect(results.map(({ outputs }) => outputs)).toEqual([
      [{ ...result, kind: 'summary', name: 'plan-1', outcome: 'no changes' }],
      [{ ...changed, name: 'ada@example.com' }],
      [{ error: 'ada@example.com (update): It has changed.', details }],
      [{ ...held, name: 'bob@example.com' }],
    ]);
  });

  it('fails with the error of the connector', async () => {
    const failure = new Error('Held by the safeguard');
    const { results } = await run('apply_sync', { plan: '{}' }, failure, { continueOnFail: true });

    expect(results).toEqual([{ item: 0, outputs: [], error: failure }]);
  });
});
