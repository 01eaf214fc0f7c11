import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { requirements } from './requirements.ts';

const cited = new Set(
  readdirSync(import.meta.dirname)
    .filter((file) => file.endsWith('.test.ts') && file !== 'requirements.test.ts')
    .flatMap((file) => [
      ...readFileSync(`${import.meta.dirname}/${file}`, 'utf8').matchAll(/\[([a-z0-9-]+)\]: /g),
    ])
    .map(([, id]) => id),
);

it.each(requirements)('$id ($section) is verified by a test', ({ id }) => {
  expect(cited).toContain(id);
});

it('every requirement that a test cites is in the table, once', () => {
  const ids = requirements.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect([...cited].filter((id) => id !== undefined && !ids.includes(id))).toEqual([]);
});
