import { readFileSync } from 'node:fs';
import { type QuirkDescription, quirkDescriptions } from '../../sandbox/index.ts';
import { withTable } from './with-table.ts';

/** docs/sandbox.md with the table of quirks between its two markers. */
export function sandboxPage(): string {
  const rows = quirkDescriptions
    .toSorted((one, other) => (one.name < other.name ? -1 : 1))
    .map(({ name, summary, seenAt, sources, aspect, excludes = [] }) => [
      `\`${name}\``,
      summary,
      seenAt.join(', '),
      sources.map(linked).join('; '),
      notTogether(name, aspect, excludes),
    ]);
  const heads = ['quirk', 'what the provider does', 'seen at', 'source', 'not with'];
  return withTable(readFileSync('docs/sandbox.md', 'utf8'), 'quirks', [heads, ...rows]);
}

/** An issue or pull request of GitHub as a link; other sources as they are. */
function linked(source: string): string {
  return source.replace(
    /^([\w.-]+\/[\w.-]+)#(\d+)/,
    (whole, repository, number) => `[${whole}](https://github.com/${repository}/issues/${number})`,
  );
}

function notTogether(name: string, aspect: QuirkDescription['aspect'], excludes: readonly string[]): string {
  const sameAspect = quirkDescriptions.filter((other) => aspect !== undefined && other.aspect === aspect);
  const excluding = quirkDescriptions.filter((other) => other.excludes?.includes(name));
  const names = [...sameAspect, ...excluding].map((other): string => other.name).concat(excludes);
  return [...new Set(names)]
    .filter((other) => other !== name)
    .sort()
    .map((other) => `\`${other}\``)
    .join(', ');
}
