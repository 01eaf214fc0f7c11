// Builds the code of the Zapier app: bundles the connector into one file of the package's folder. `rolecall package zapier`
// copies it from there, and so needs no bundler.
import { build } from 'esbuild';

await build({
  entryPoints: ['hosts/zapier/runtime/index.ts'],
  outfile: 'hosts/zapier/package/connector/app.js',
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node22',
  charset: 'utf8',
});
