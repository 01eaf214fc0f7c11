// Finds the phrases that docs/glossary.md rules out, in the files that cspell checks: cspell flags single words only.
import { globSync, readFileSync } from 'node:fs';
import cspell from '../cspell.json' with { type: 'json' };

/** Each phrase, and what to say instead. */
const phrases: readonly (readonly [RegExp, string])[] = [
  [/(?<!there )\b(is|are|was|were) none\b/, 'does not exist, is not valid'],
  [/\ball the same\b/, 'nevertheless'],
  [/\b(asks?|asked) for by id\b/i, 'fetch by ID'],
  [/\bcomes? again\b/, 'is repeated'],
  [/\bfor ever\b/, 'forever'],
  [/\bleft out\b/, 'omit, skip'],
  [/\bmade of\b/, 'generated from'],
  [/\bpass(es|ed)? by itself\b/, 'transient'],
  [/\bpass(es|ed)? over\b/, 'skip'],
  [/\bso many\b/, 'that number of'],
  [/\bstands? (as|at|before|behind|in|there|twice|under)\b/, 'is'],
  [/\btak(es?|en) away\b/, 'remove'],
  [/\btaken for\b/, 'mistaken for, counts as'],
  [/\btells? (them )?apart\b/, 'distinguish'],
];

const findings = globSync(cspell.files, {
  exclude: ['**/node_modules/**', '**/generated/**', '**/golden/**', ...cspell.ignorePaths],
})
  .sort()
  .flatMap((path) => findingsIn(path, readFileSync(path, 'utf8')));
for (const finding of findings) console.error(finding);
console.log(`${findings.length} phrases to replace`);
if (findings.length > 0) process.exitCode = 1;

function findingsIn(path: string, text: string): readonly string[] {
  const checked = text
    // The last column of the glossary's tables lists the words to avoid.
    .replaceAll(/\|[^|\n]*\|$/gm, (cell) => (path === 'docs/glossary.md' ? '' : cell))
    .replaceAll(/cspell:disable.*?cspell:enable/gs, (part) => part.replaceAll(/[^\n]/g, ''));
  return checked.split('\n').flatMap((line, index) =>
    phrases.flatMap(([phrase, instead]) => {
      const found = phrase.exec(line)?.[0];
      return found === undefined ? [] : [`${path}:${index + 1} "${found}": say "${instead}"`];
    }),
  );
}
