import { defineConfig } from 'tsup';
import { bundledPackages } from './scripts/bundled-packages.ts';

export default defineConfig({
  entry: { index: 'runtime/index.ts', sandbox: 'sandbox/index.ts', 'cli/main': 'cli/main.ts' },
  format: 'esm',
  target: 'node22',
  platform: 'node',
  // `node:sqlite` exists under no other name.
  removeNodeProtocol: false,
  clean: true,
  // Shared code goes into chunks, so that an error is the same class whichever entry it came through.
  splitting: true,
  // tsc writes the declarations: see the script "build".
  dts: false,
  // For scripts/write-notices.ts, which deletes it.
  metafile: true,
  // Resolved by the plugin.
  noExternal: ['@opentelemetry/api'],
  esbuildPlugins: [bundledPackages],
});
