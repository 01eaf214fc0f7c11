// Updates the golden files after an intended difference: `npm run golden`. Tests compare the generated output with them.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { compileManifest } from '../connector/definition/compile-manifest.ts';
import { packageWorkato } from '../hosts/workato/package-workato.ts';
import { loadManifest } from '../runtime/load-manifest.ts';

/** The folder of the golden files. */
export const goldenFolder = 'test/hosts/workato/golden';

if (import.meta.main) {
  rmSync(goldenFolder, { recursive: true, force: true });
  for (const [path, text] of goldenFiles()) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}

/** The files generated from the manifest, by path. Files that are shipped unchanged need no golden file. */
export function goldenFiles(): ReadonlyMap<string, string> {
  const files = packageWorkato(compileManifest(loadManifest()), { version: '0.0.0-golden' });
  const generated = ['connector.rb', 'README.md', 'CHANGELOG.md', 'RECIPES.md', 'spec/samples.json'];
  return new Map(generated.map((path) => [join(goldenFolder, path), String(files.get(path))]));
}
