import { globSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { traits } from '../../connector/traits.ts';

const sources = globSync(['triggers/**/*.ts', 'runtime/watch/*.ts', 'runtime/node/*-log.ts']);
const docs = ['docs/delivery.md', 'docs/watch.md'].map((page) => readFileSync(page, 'utf8')).join('\n');
const logCall = /event: '(\w+)'|(?:log|warn)\((?:'(?:info|warn)',\s*)?'(\w+)'|\? 'warn' : 'info', '(\w+)'/g;

function namesIn(file: string): readonly string[] {
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(logCall)].flatMap((match) => match.slice(1).filter((name) => name !== undefined));
}

it('every event that triggers and watching log is documented', () => {
  const logged = new Set(sources.flatMap(namesIn));
  expect(logged.size).toBeGreaterThan(20);
  expect([...logged].filter((name) => !docs.includes(`\`${name}\``))).toEqual([]);
});

it('every trait that is noticed is documented', () => {
  const providers = readFileSync('docs/providers.md', 'utf8');
  expect(Object.keys(traits).filter((name) => !providers.includes(`\`${name}\``))).toEqual([]);
});
