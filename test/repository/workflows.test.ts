import { globSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const workflows = globSync('.github/workflows/*.yml').map((path) => ({
  path,
  text: readFileSync(path, 'utf8'),
}));

it.each(workflows)('$path pins every action by its commit, with the version in a comment', ({ text }) => {
  const uses = text.split('\n').filter((line) => /\buses:/.test(line));
  expect(uses.length).toBeGreaterThan(0);
  for (const line of uses) expect(line).toMatch(/uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
});

it.each(workflows)('$path grants no permission to a job that does not ask for it', ({ text }) => {
  expect(text).toMatch(/^permissions: \{\}/m);
});

it('only the job that publishes can prove who it is to npm', () => {
  const granted = workflows.flatMap(({ path, text }) =>
    text
      .split(/^ {2}(?=[\w-]+:$)/m)
      .flatMap((job) => (job.includes('id-token: write') ? [`${path} ${job.split(':', 1)[0]}`] : [])),
  );
  expect(granted).toEqual(['.github/workflows/release.yml publish']);
});
