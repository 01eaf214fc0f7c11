import { readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { compileManifest } from '../../../connector/definition/compile-manifest.ts';
import acme from '../../../examples/overlays/acme.json' with { type: 'json' };
import { packageZapier } from '../../../hosts/zapier/package-zapier.ts';
import { loadManifest } from '../../../runtime/load-manifest.ts';
import { goldenFiles } from '../../../scripts/renew-golden.ts';

function packaged(overlays: readonly unknown[] = []): ReadonlyMap<string, string> {
  const declaration = loadManifest(overlays);
  const files = packageZapier(compileManifest(declaration), { version: '1.2.3', declaration });
  return new Map([...files].map(([path, content]) => [path, content.toString()]));
}

/** What a file imports, by a parser: its texts can look like imports. */
async function importsOf(contents = ''): Promise<readonly string[]> {
  const { metafile } = await build({
    stdin: { contents },
    bundle: true,
    external: ['*'],
    format: 'esm',
    platform: 'node',
    write: false,
    metafile: true,
  });
  return Object.values(metafile.inputs).flatMap(({ imports }) => imports.map(({ path }) => path));
}

describe('the package for Zapier', () => {
  it('has the forms of the golden file, which `npm run golden` renews', () => {
    for (const [path, text] of goldenFiles('zapier')) expect(text, path).toBe(readFileSync(path, 'utf8'));
  });

  it('has one dependency, in the version that the tests run', () => {
    const { dependencies, version, type } = JSON.parse(packaged().get('package.json') ?? '');
    const tested = JSON.parse(readFileSync('tools/zapier-platform/package.json', 'utf8')).dependencies;

    expect(dependencies).toEqual({ 'zapier-platform-core': tested['zapier-platform-core'] });
    expect({ version, type }).toEqual({ version: '1.2.3', type: 'module' });
    expect(packaged().get('README.md')).toContain(
      `zapier-platform-cli@${tested['zapier-platform-cli']} push`,
    );
  });

  it('imports nothing but that, its own files, and modules of Node', async () => {
    const files = await Promise.all(
      ['index.js', 'connector/app.js'].map((path) => importsOf(packaged().get(path))),
    );
    const imported = files.flat();

    expect(imported.length).toBeGreaterThan(3);
    for (const name of imported)
      expect(
        name.startsWith('./') ||
          name === 'zapier-platform-core' ||
          builtinModules.includes(name.replace('node:', '')),
        name,
      ).toBe(true);
  });

  it('differs with an overlay in the declaration only', () => {
    const [plain, extended] = [packaged(), packaged([acme])];
    const changed = [...plain.keys()].filter((path) => plain.get(path) !== extended.get(path));

    expect([...extended.keys()]).toEqual([...plain.keys()]);
    expect(changed).toEqual(['connector/declaration.json']);
    expect(extended.get('connector/declaration.json')).toContain('set_acme_role');
  });
});
