import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const packageFolder = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/;

/** The licenses of the packages that a bundle has. @param inputs - the paths of its files */
export function noticesOf(inputs: readonly string[]): string {
  const folders = new Set(inputs.flatMap((path) => packageFolder.exec(path) ?? []));
  const notices = [...folders].toSorted().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const [file] = globSync('{LICENSE,license}*', { cwd: folder });
    // Some name their license only in package.json.
    const text = file === undefined ? `License: ${license}` : readFileSync(join(folder, file), 'utf8').trim();
    return `${name} ${version}\n\n${text}\n`;
  });
  return notices.join(`\n${'-'.repeat(80)}\n\n`);
}
