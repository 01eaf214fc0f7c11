import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

/** Everything that a watch can run. */
const folders = ['cli', 'connector', 'runtime', 'triggers'];

const sources = folders.flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(join(folder, name), 'utf8')),
);

/** The forms in which the code logs a warning: the level can also be decided when it is logged. */
const forms = [
  /level: 'warn',\s*event: '(\w+)'/g,
  /level: \w[^,']*\? 'warn' : '\w+',\s*event: '(\w+)'/g,
  /\blevel,\s*event: '(\w+)'/g,
  /\bfailed: '(\w+_\w+)'/g,
  /[lL]og\('warn',\s*'(\w+)'/g,
  /\bwarn\('(\w+)'/g,
  /\? 'warn' : '\w+',\s*'(\w+)'/g,
];

/** A trait of the provider is logged under one event, whatever its name. */
const traits = /note\('[\w-]+', \{ level: 'warn'/g;

const warnings = new Set([
  ...sources.flatMap((text) =>
    forms.flatMap((form) => [...text.matchAll(form)].map(([, event = '']) => event)),
  ),
  ...(sources.some((text) => text.match(traits) !== null) ? ['provider_habit_noticed'] : []),
]);

/** Lines that name the level, and log nothing by themselves. */
const harmless = [
  /readonly level: /,
  /level: 'debug' \| /,
  /^const levels = /,
  /[!=]== 'warn'/,
  // The event is passed to `#warn`.
  /#log\('warn', event, /,
  /const level = .* \? 'warn' : 'debug'/,
];

it('finds the warnings of the code, in every form', () => {
  const known = ['poll_failed', 'events_held', 'event_dead_lettered', 'attribute_not_shown', 'losses_held'];
  for (const event of [...known, 'full_reads_disabled', 'secret_too_short'])
    expect(warnings).toContain(event);
  const others = sources.flatMap((text) =>
    [...forms, traits]
      .reduce((rest, form) => rest.replace(form, ''), text)
      .split('\n')
      .filter((line) => line.includes("'warn'") && !harmless.some((form) => form.test(line))),
  );
  // A warning in a form that this test does not know would need no section.
  expect(others).toEqual([]);
});

it('has a section in docs/operate.md for each warning, and no other', () => {
  const [, section = ''] =
    /\n## What a warning in the log means\n(.*?)\n## /s.exec(readFileSync('docs/operate.md', 'utf8')) ?? [];
  const headings = [...section.matchAll(/^### (.*)$/gm)].flatMap(([, heading = '']) =>
    [...heading.matchAll(/`(\w+)`/g)].map(([, event = '']) => event),
  );
  expect(headings.toSorted()).toEqual([...warnings].toSorted());
});
