import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { compileManifest } from '../../../../connector/definition/compile-manifest.ts';
import { packageZapier } from '../../../../hosts/zapier/package-zapier.ts';
import type { ZapierApp } from '../../../../hosts/zapier/runtime/create-app.ts';
import type { ZapierBundle } from '../../../../hosts/zapier/runtime/zapier-functions.ts';
import { loadManifest } from '../../../../runtime/load-manifest.ts';
import { installPackages } from '../../../../scripts/suites/install-packages.ts';

/** The app in Zapier's runtime. */
export interface ZapierRuntime {
  readonly app: ZapierApp;
  /** The folder of the app, with its packages. */
  readonly folder: string;
  /** The folder of Zapier's packages. */
  readonly packages: string;
  /** Calls a function of the app as Zapier does: with its checks, its HTTP client, and its errors. */
  call(perform: unknown, bundle?: Partial<ZapierBundle>): Promise<unknown>;
}

/** Writes the app to a folder, as `rolecall package zapier` does, and loads it with Zapier's own packages. */
export async function openZapier(folder: string, overlays: readonly unknown[] = []): Promise<ZapierRuntime> {
  const packages = join(installPackages('zapier-platform'), 'node_modules');
  const declaration = loadManifest(overlays);
  const files = packageZapier(compileManifest(declaration), { version: '1.2.3', declaration });
  for (const [path, content] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  symlinkSync(packages, join(folder, 'node_modules'));
  const { default: app } = await import(pathToFileURL(join(folder, 'index.js')).href);
  const load = createRequire(join(folder, 'index.js'));
  const zapier = load('zapier-platform-core');
  // After 250 runs, the runtime ends a process that is larger than one on Zapier's servers may be. This one has the tests.
  load('zapier-platform-core/src/constants').KILL_MAX_LIMIT = Number.POSITIVE_INFINITY;
  const test = zapier.createAppTester(app);
  // The sandbox is on this machine.
  process.env.ROLECALL_ALLOW_PRIVATE_ADDRESSES = 'true';
  return {
    app,
    folder,
    packages,
    call: (perform, bundle = {}) => test(perform, { authData: {}, inputData: {}, ...bundle }),
  };
}
