// Builds the n8n node package in its folder, like n8n's own tools: bundles the connector from layers 0 to 3, and
// compiles everything into dist/. `rolecall package n8n` copies it from there, and so needs no compiler.
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { declarationJson } from '../hosts/n8n/codegen/package-sources.ts';
import { loadManifest } from '../runtime/load-manifest.ts';

const folder = 'hosts/n8n/package';
const connector = join(folder, 'connector');

mkdirSync(connector, { recursive: true });
writeFileSync(join(connector, 'declaration.json'), declarationJson(loadManifest()));
await build({
  entryPoints: ['hosts/n8n/runtime/index.ts'],
  outfile: join(connector, 'host.js'),
  bundle: true,
  format: 'esm',
  platform: 'neutral',
  target: 'es2022',
  charset: 'utf8',
  external: ['node:crypto'],
});
rmSync(join(folder, 'dist'), { recursive: true, force: true });
// The types are n8n's: its own build checks them if n8n is installed.
const { status } = spawnSync('tsc', ['-p', folder, '--noCheck'], { stdio: 'inherit' });
if (status !== 0) throw new Error('The n8n node package does not compile: see above');
