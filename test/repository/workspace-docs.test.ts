import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import * as assumptions from '../../sandbox/assumptions.ts';
import { defaultSettings } from '../../sandbox/workspace/settings.ts';

const folder = new URL('../../docs/', import.meta.url);
const text = readFileSync(new URL('workspace.md', folder), 'utf8');

const cells = (line: string): readonly string[] => line.split(/(?<!\\)\|/).map((cell) => cell.trim());
const rows = text.split('\n').filter((line) => /^\| \d+\. /.test(line));

it('docs/workspace.md has a row for each numbered behavior, with a test that names it', () => {
  expect(rows.map((row) => Number.parseInt(cells(row)[1] ?? '', 10))).toEqual([
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,
  ]);
  for (const row of rows) {
    const [, behavior = '', , , shownBy = ''] = cells(row);
    const number = Number.parseInt(behavior, 10);
    const files = [...shownBy.matchAll(/\]\(([^)]+)\)/g)].map(([, path = '']) => new URL(path, folder));
    const sources = files.map((file) => readFileSync(file, 'utf8'));
    expect(sources.some((source) => source.includes(`'${number}. `))).toBe(true);
  }
});

it('docs/workspace.md names every assumption, and only existing ones', () => {
  const { assumedBehavior, ...values } = assumptions;
  const names = [...Object.keys(values), ...Object.keys(assumedBehavior)];
  for (const name of names) expect(text).toContain(`\`${name}\``);
  const cited = rows.flatMap((row) =>
    [...(cells(row)[5] ?? '').matchAll(/`(\w+)`/g)].map(([, name]) => name),
  );
  for (const name of cited) expect(names).toContain(name);
});

it('docs/workspace.md names every setting', () => {
  for (const name of Object.keys(defaultSettings)) expect(text).toContain(`\`${name}\``);
});

it('docs/workspace.md links to existing files', () => {
  for (const [, path = ''] of text.matchAll(/\]\(([^)#]+)[^)]*\)/g)) {
    expect([path, existsSync(new URL(path, folder))]).toEqual([path, true]);
  }
});
