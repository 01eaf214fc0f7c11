// Writes dist/third-party-licenses.txt: the licenses of the packages that the build has bundled. tsup leaves the list of
// its inputs in a metafile, which is deleted.
import { globSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const metafile = 'dist/metafile-esm.json';
const { inputs } = JSON.parse(readFileSync(metafile, 'utf8')) as { readonly inputs: object };
const packageFolder = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/;
const folders = new Set(Object.keys(inputs).flatMap((path) => packageFolder.exec(path) ?? []));
// Its style sheet is in a generated module.
folders.add('node_modules/charts.css');
const notices = [...folders].toSorted().map((folder) => {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const [file] = globSync('{LICENSE,license}*', { cwd: folder });
  // Some name their license only in package.json.
  const text = file === undefined ? `License: ${license}` : readFileSync(join(folder, file), 'utf8').trim();
  return `${name} ${version}\n\n${text}\n`;
});
writeFileSync('dist/third-party-licenses.txt', notices.join(`\n${'-'.repeat(80)}\n\n`));
rmSync(metafile);
