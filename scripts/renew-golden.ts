// Updates the golden files after an intended difference: `npm run golden`. Tests compare the generated output with them.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { compileManifest } from '../connector/definition/compile-manifest.ts';
import { packageWorkato } from '../hosts/workato/package-workato.ts';
import { platformVersion } from '../hosts/zapier/package-zapier.ts';
import { createApp } from '../hosts/zapier/runtime/create-app.ts';
import { loadManifest } from '../runtime/load-manifest.ts';
import { zapierForms } from './zapier-forms.ts';

/** The folders of the golden files, by host. */
export const goldenFolders = {
  workato: 'test/hosts/workato/golden',
  zapier: 'test/hosts/zapier/golden',
} as const;

export type GoldenHost = keyof typeof goldenFolders;

if (import.meta.main) {
  for (const [host, folder] of Object.entries(goldenFolders) as [GoldenHost, string][]) {
    rmSync(folder, { recursive: true, force: true });
    for (const [path, text] of goldenFiles(host)) {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    }
  }
}

/** The files generated from the manifest, by path. Files that are shipped unchanged need no golden file. */
export function goldenFiles(host: GoldenHost): ReadonlyMap<string, string> {
  const folder = goldenFolders[host];
  if (host === 'zapier') {
    const app = createApp(loadManifest(), { version: '0.0.0', platformVersion });
    return new Map([[join(folder, 'forms.txt'), zapierForms(app)]]);
  }
  const files = packageWorkato(compileManifest(loadManifest()), { version: '0.0.0-golden' });
  const generated = ['connector.rb', 'README.md', 'CHANGELOG.md', 'RECIPES.md', 'spec/samples.json'];
  return new Map(generated.map((path) => [join(folder, path), String(files.get(path))]));
}
