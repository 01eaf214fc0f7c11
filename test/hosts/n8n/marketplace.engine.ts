import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { installPackages } from '../../../scripts/suites/install-packages.ts';
import { childEnv, runChild } from './support/child.ts';

const sources = 'hosts/n8n/package';
let marketplace: string;
let work: string;
/** What `rolecall package n8n` wrote. */
let packaged: string;
/** What is in the tarball that npm makes of it. */
let unpacked: string;
/** A copy of the committed folder, with n8n's tools next to it. */
let built: string;

beforeAll(async () => {
  marketplace = installPackages('n8n-marketplace');
  work = mkdtempSync(join(tmpdir(), 'rolecall-marketplace-'));
  packaged = join(work, 'packaged');
  await runChild(process.execPath, ['cli/main.ts', 'package', 'n8n', '--out', packaged]);
  await runChild('npm', ['pack', '--silent', '--pack-destination', work], { cwd: packaged });
  const [tarball = ''] = readdirSync(work).filter((name) => name.endsWith('.tgz'));
  await runChild('tar', ['-xzf', join(work, tarball), '-C', work]);
  unpacked = join(work, 'package');
  built = join(work, 'built');
  cpSync(sources, built, { recursive: true, filter: (path) => path !== join(sources, 'dist') });
  symlinkSync(join(marketplace, 'node_modules'), join(built, 'node_modules'));
});

afterAll(() => rmSync(work, { recursive: true, force: true }));

/** What the marketplace's scan says of a folder. */
async function scan(folder: string, ...kind: readonly 'source'[]): Promise<Scan> {
  const script = 'test/hosts/n8n/support/scan-package.mjs';
  return JSON.parse(
    await runChild(process.execPath, [script, marketplace, resolve(folder), ...kind]),
  ) as Scan;
}

interface Scan {
  readonly passed: boolean;
  readonly details?: string;
  readonly files: number;
  readonly errors: number;
  readonly warnings: number;
}

describe("the marketplace's scan", () => {
  it('accepts the tarball without errors, warnings, or disabled rules', async () => {
    const { files, ...found } = await scan(unpacked);

    expect(found).toEqual({ passed: true, errors: 0, warnings: 0 });
    expect(files).toBeGreaterThan(10);
    for (const path of filesOf(unpacked)) {
      expect(path).not.toMatch(/\.d\.ts$|\.map$|node_modules/);
      if (/\.(js|ts|mjs)$/.test(path))
        expect(readFileSync(join(unpacked, path), 'utf8')).not.toContain('eslint-disable');
    }
  });

  it('accepts the source folder', async () => {
    const { files, ...found } = await scan(sources, 'source');

    expect(found).toEqual({ passed: true, errors: 0, warnings: 0 });
    expect(files).toBeGreaterThan(8);
  });

  it('reports a timer, process, and a runtime dependency', async () => {
    const spoilt = join(work, 'spoilt');
    cpSync(unpacked, spoilt, { recursive: true });
    writeFileSync(join(spoilt, 'dist/connector/extra.js'), 'setTimeout(() => process.exit(), 1);\n');
    const json = JSON.parse(readFileSync(join(spoilt, 'package.json'), 'utf8'));
    writeFileSync(join(spoilt, 'package.json'), JSON.stringify({ ...json, dependencies: { axios: '1' } }));
    const { passed, errors, details } = await scan(spoilt);

    expect(passed).toBe(false);
    expect(errors).toBeGreaterThanOrEqual(3);
    expect(details).toContain('setTimeout');
  });
});

describe("n8n's own build and lint", () => {
  it('build exactly what the command line packages', async () => {
    await n8nNode('build');

    expect(filesOf(join(built, 'dist'))).toEqual(filesOf(join(packaged, 'dist')));
    for (const path of filesOf(join(packaged, 'dist'))) {
      const [ours, theirs] = [packaged, built].map((folder) =>
        readFileSync(join(folder, 'dist', path), 'utf8'),
      );
      expect(ours, path).toBe(theirs);
    }
  });

  it('report no error or warning in strict mode', async () => {
    expect(JSON.parse(readFileSync(join(built, 'package.json'), 'utf8')).n8n.strict).toBe(true);
    const printed = await n8nNode('lint');

    expect(printed).not.toMatch(/problem|warning|error|Strict mode violation/i);
  });
});

function n8nNode(command: 'build' | 'lint'): Promise<string> {
  const path = `${join(marketplace, 'node_modules/.bin')}:${process.env.PATH}`;
  return runChild('n8n-node', [command], {
    cwd: built,
    env: childEnv({ PATH: path, CI: 'true', NO_COLOR: '1' }),
  });
}

function filesOf(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1))
    .toSorted();
}
