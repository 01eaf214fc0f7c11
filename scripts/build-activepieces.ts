// Builds the code of the piece for Activepieces: bundles the connector into one file of the package's folder.
// `rolecall package activepieces` copies it from there, and so needs no bundler.
import { build } from 'esbuild';

await build({
  entryPoints: ['hosts/activepieces/runtime/index.ts'],
  outfile: 'hosts/activepieces/package/connector/piece.js',
  bundle: true,
  format: 'cjs',
  platform: 'node',
  target: 'node20',
  charset: 'utf8',
});
