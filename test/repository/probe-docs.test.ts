import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { formatProbe } from '../../cli/format-probe.ts';
import { openProbeBench } from '../support/open-probe-bench.ts';

const columns = 110;

it('docs/probe.md shows the report that a probe prints', async () => {
  const bench = openProbeBench(['totals-count-page', 'no-created-stamp'], {
    directory: { users: 3, hasGroups: false },
  });
  const lines = formatProbe(await bench.probe(), columns);
  const end = lines.indexOf('AS EXPECTED');
  expect(end).toBeGreaterThan(0);
  const [, example] = /```text\n([\s\S]*?)\n```/.exec(readFileSync('docs/probe.md', 'utf8')) ?? [];
  expect(example).toBe(lines.slice(0, end).join('\n').trim());
});
