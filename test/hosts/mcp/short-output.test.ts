import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shortenOutput } from '../../../hosts/mcp/short-output.ts';

const listOf = (count: number): object[] =>
  Array.from({ length: count }, (_, index) => ({ row: index + 1, ok: index % 10 !== 9 }));

describe('the output in the text of a result', () => {
  it('stays as it is if it is short', () => {
    const output = { totalResults: 3, resources: listOf(3) };

    expect(shortenOutput(output)).toEqual({ output, leftOut: [] });
    expect(shortenOutput(null)).toEqual({ output: null, leftOut: [] });
  });

  it('has as many items as fit, those that failed first, and says how many it leaves out', () => {
    const { output, leftOut } = shortenOutput({ failed: 10, results: listOf(100) }, 400);

    const { failed, results } = output as { readonly failed: number; readonly results: { ok: boolean }[] };
    expect(failed).toBe(10);
    expect(results.slice(0, 10).every(({ ok }) => !ok)).toBe(true);
    expect(leftOut).toEqual([`\`results\` has 100 items, of which ${results.length} are shown.`]);
  });

  it('has the lists of an action in the report of its call shortened', () => {
    const report = { call: 'call-1', state: 'stopped', output: { failed: 10, results: listOf(100) } };
    const { output, leftOut } = shortenOutput(report, 500);

    expect(JSON.stringify(output).length).toBeLessThanOrEqual(500);
    expect(output).toMatchObject({ call: 'call-1', state: 'stopped', output: { failed: 10 } });
    expect(leftOut).toHaveLength(1);
  });

  it('fits if its lists can be shortened, and never has items that the output has not', () => {
    fc.assert(
      fc.property(fc.nat(200), fc.nat(200), fc.integer({ min: 100, max: 2_000 }), (some, others, most) => {
        const given = { users: listOf(some), groups: listOf(others), count: some };
        const { output, leftOut } = shortenOutput(given, most);
        const { users, groups, count } = output as typeof given;
        expect(JSON.stringify(output).length).toBeLessThanOrEqual(most);
        expect(given.users).toEqual(expect.arrayContaining(users));
        expect(given.groups).toEqual(expect.arrayContaining(groups));
        expect(count).toBe(some);
        const cut = Number(users.length < some) + Number(groups.length < others);
        expect(leftOut).toHaveLength(cut);
      }),
      { numRuns: 50 },
    );
  });
});
