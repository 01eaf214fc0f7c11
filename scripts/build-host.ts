// Builds the code of a host that runs JavaScript: bundles the connector into one file of the package's folder, from where
// `rolecall package` copies it, and so needs no bundler. `node scripts/build-host.ts NAME`
import { argv } from 'node:process';
import { build } from 'esbuild';

/** The file of each host below its `package/connector/`, and what the host can load. */
const targets = {
  zapier: { file: 'app.js', format: 'esm', target: 'node22' },
  activepieces: { file: 'piece.js', format: 'cjs', target: 'node20' },
} as const;

const [, , name = ''] = argv;
const found = Object.entries(targets).find(([host]) => host === name);
if (found === undefined) throw new Error(`There is no host "${name}" to build`);
const [host, { file, ...options }] = found;
await build({
  entryPoints: [`hosts/${host}/runtime/index.ts`],
  outfile: `hosts/${host}/package/connector/${file}`,
  bundle: true,
  platform: 'node',
  charset: 'utf8',
  ...options,
});
