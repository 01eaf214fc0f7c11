// Writes the golden files again, when a difference is meant: `npm run golden`. Tests compare what is made with them.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { compileManifest } from '../connector/definition/compile-manifest.ts';
import { packageWorkato } from '../hosts/workato/package-workato.ts';
import { loadManifest } from '../runtime/load-manifest.ts';

/** Where they are. */
export const goldenFolder = 'test/hosts/workato/golden';

if (import.meta.main) {
  rmSync(goldenFolder, { recursive: true, force: true });
  for (const [path, text] of goldenFiles()) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}

/** What is generated of the manifest, by path; files that are shipped as they are need no twin. */
export function goldenFiles(): ReadonlyMap<string, string> {
  const files = packageWorkato(compileManifest(loadManifest()), { version: '0.0.0-golden' });
  const generated = ['connector.rb', 'README.md', 'CHANGELOG.md', 'RECIPES.md', 'spec/samples.json'];
  return new Map(generated.map((path) => [join(goldenFolder, path), String(files.get(path))]));
}
