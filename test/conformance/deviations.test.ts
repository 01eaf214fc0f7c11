import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { deviations } from './requirements.ts';

const page = readFileSync(new URL('../../docs/sandbox.md', import.meta.url), 'utf8');
const rows = page
  .slice(page.indexOf('| section | deviation | reason |'), page.indexOf('Choices that the RFCs leave open'))
  .split('\n')
  .filter((line) => line.startsWith('| RFC '));

it('docs/sandbox.md names the section of every known deviation, and no other', () => {
  const sections = rows.map((line) => line.split('|')[1]?.trim());
  expect(sections).toEqual(deviations.map(({ section }) => section));
});
