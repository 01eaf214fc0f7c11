import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const guide = 'docs/hosts/workato.md';
const connector = readFileSync('test/hosts/workato/golden/connector.rb', 'utf8');

/** Labels of Workato's own editor. */
const labelsOfWorkato = ['Connect', 'Custom action', 'Tools > Connector SDK'];

it(`${guide} uses the labels that the connector has`, () => {
  const shown = [...readFileSync(guide, 'utf8').matchAll(/\*\*([A-Z][^*]+[^*.])\*\*/g)].map(
    ([, label = '']) => label,
  );
  const wanted = shown.filter((label) => !labelsOfWorkato.includes(label));
  expect(wanted.length).toBeGreaterThan(50);
  const labels = new Set(
    [
      // Some labels come from schemas, and have their unit in parentheses.
      ...connector.matchAll(/(?:label|title): '((?:[^'\\]|\\.)+)'/g),
      ...connector.matchAll(/"title":"([^"]+)"/g),
      ...connector.matchAll(/\['([^']+)', '[^']+'\]/g),
    ].map(([, label = '']) => label.replace(/ \([a-z ]+\)$/, '')),
  );
  expect(
    [...new Set(wanted)].filter((label) => !labels.has(label.replace(/ \((?:real-time|batch)\)$/, ''))),
  ).toEqual([]);
});

it('links from the forms to sections of the guide that exist', () => {
  const headings = [...readFileSync(guide, 'utf8').matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s-]/gu, '')
      .replaceAll(' ', '-'),
  );
  const linked = [...connector.matchAll(/learn_more_url: '([^']+)'/g)].map(([, url = '']) => url);
  expect(linked.length).toBeGreaterThan(50);
  for (const url of new Set(linked)) {
    const [page, anchor = ''] = url.split('#');
    expect(page).toBe(`https://github.com/rolecall/rolecall/blob/main/${guide}`);
    expect(headings).toContain(anchor);
  }
});
