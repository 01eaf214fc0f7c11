// Writes dist/third-party-licenses.txt: the licenses of the packages that the build has bundled. tsup leaves the list of
// its inputs in a metafile, which is deleted.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { noticesOf } from './notices.ts';

const metafile = 'dist/metafile-esm.json';
const { inputs } = JSON.parse(readFileSync(metafile, 'utf8')) as { readonly inputs: object };
// The style sheet of charts.css is in a generated module.
const paths = [...Object.keys(inputs), 'node_modules/charts.css/package.json'];
writeFileSync('dist/third-party-licenses.txt', noticesOf(paths));
rmSync(metafile);
