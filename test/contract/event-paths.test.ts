import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const run = promisify(execFile);

it('an event passes through no more files than the architecture allows, and run compiles the manifest once', async () => {
  const script = new URL('../../scripts/trace-files.ts', import.meta.url).pathname;
  const { stdout } = await run(process.execPath, [script]);
  const counts = [...stdout.matchAll(/: (\d+) files, at most (\d+)$/gm)].map(([, found, limit]) => [
    Number(found),
    Number(limit),
  ]);
  expect(counts.map(([, limit]) => limit)).toEqual([30, 18]);
  // A trace that saw nothing would keep every limit.
  for (const [found = 0, limit = 0] of counts) {
    expect(found).toBeGreaterThan(10);
    expect(found).toBeLessThanOrEqual(limit);
  }
  expect(stdout).toContain('compiles the manifest once');
});
