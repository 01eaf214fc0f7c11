// Builds dist/mcp/: the MCP server in one file, with all packages, and their licenses. `rolecall package mcp` puts it into a
// bundle, and so needs no compiler.
import { writeFileSync } from 'node:fs';
import { build } from 'esbuild';
import { bundledPackages } from './bundled-packages.ts';
import { noticesOf } from './notices.ts';

const folder = 'dist/mcp';
const { metafile } = await build({
  entryPoints: ['hosts/mcp/server/bundle-main.ts'],
  outfile: `${folder}/server.js`,
  bundle: true,
  minify: true,
  format: 'esm',
  platform: 'node',
  target: 'node22',
  charset: 'utf8',
  metafile: true,
  plugins: [bundledPackages],
});
writeFileSync(`${folder}/third-party-licenses.txt`, noticesOf(Object.keys(metafile.inputs)));
