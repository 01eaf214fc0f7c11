// Writes all generated files: `npm run generate`. CI compares the output with the committed files.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { watchConfigSchema } from '../cli/watch-config/watch-config.zod.ts';
import { compileManifest } from '../connector/definition/compile-manifest.ts';
import { manifestSchema } from '../connector/manifest/manifest.zod.ts';
import { overlaySchema } from '../connector/manifest/overlay.zod.ts';
import { packageSources } from '../hosts/n8n/codegen/package-sources.ts';
import packageJson from '../package.json' with { type: 'json' };
import { loadManifest } from '../runtime/load-manifest.ts';
import { chartsCss } from './generate/charts-css.ts';
import { hostsPage } from './generate/hosts-page.ts';
import { n8nReadme, n8nReadmePath } from './generate/n8n-readme.ts';
import { probePage } from './generate/probe-page.ts';
import { providersPage } from './generate/providers-page.ts';
import { readmeWithTables } from './generate/readme-with-tables.ts';
import { sandboxPage } from './generate/sandbox-page.ts';
import { generatedTypes } from './generate/types.ts';

if (import.meta.main) {
  for (const [path, text] of await generate()) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}

/** Every generated file, by its path. */
export async function generate(): Promise<ReadonlyMap<string, string>> {
  const definition = compileManifest(loadManifest());
  return new Map([
    [
      'schemas/generated/manifest.schema.json',
      json(z.toJSONSchema(manifestSchema, { io: 'input', reused: 'ref' })),
    ],
    [
      'schemas/generated/overlay.schema.json',
      json(z.toJSONSchema(overlaySchema, { io: 'input', reused: 'ref' })),
    ],
    ['schemas/generated/watch-config.schema.json', json(z.toJSONSchema(watchConfigSchema, { io: 'input' }))],
    ['connector/generated/types.ts', await generatedTypes(definition)],
    ['cli/report/generated/charts-css.ts', chartsCss()],
    ['README.md', readmeWithTables(definition)],
    [n8nReadmePath, n8nReadme(definition)],
    ['docs/probe.md', probePage()],
    ['docs/sandbox.md', sandboxPage()],
    ['docs/providers.md', providersPage()],
    ['docs/hosts/parity.md', hostsPage()],
    ...[...packageSources(definition, packageJson.version)].map(
      ([path, text]) => [`hosts/n8n/package/${path}`, text] as const,
    ),
  ]);
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
