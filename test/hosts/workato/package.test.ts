import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileManifest } from '../../../connector/definition/compile-manifest.ts';
import { packageWorkato } from '../../../hosts/workato/package-workato.ts';
import { loadManifest } from '../../../runtime/load-manifest.ts';
import { startSandbox } from '../../../sandbox/index.ts';
import { goldenFiles, goldenFolder } from '../../../scripts/renew-golden.ts';
import { definition } from '../../support/open-test-session.ts';

const sdk = new URL('sdk', import.meta.url).pathname;
const acme = JSON.parse(
  readFileSync(new URL('../../../examples/overlays/acme.json', import.meta.url), 'utf8'),
);
const maxConnectorBytes = 400_000;

const files = packageWorkato(definition, { version: '1.2.3' });
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rolecall-package-workato-'));
  for (const [path, content] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, LANG: 'C.UTF-8', TZ: 'UTC', ...env },
  });
  return { status, stdout, stderr };
}

it('is what it was: a difference is meant, and npm run golden renews it', () => {
  for (const [path, content] of goldenFiles()) expect(content, path).toBe(readFileSync(path, 'utf8'));
  const kept = readdirSync(goldenFolder, { recursive: true, withFileTypes: true });
  expect(kept.filter((entry) => entry.isFile())).toHaveLength(goldenFiles().size);
});

it('is the same, byte for byte, each time that it is made', () => {
  const again = packageWorkato(compileManifest(loadManifest()), { version: '1.2.3' });
  expect([...again]).toEqual([...files]);
});

it('has what a Workato developer expects to find', () => {
  expect([...files.keys()].toSorted()).toEqual([
    '.rspec',
    '.rubocop.yml',
    'CHANGELOG.md',
    'Gemfile',
    'README.md',
    'RECIPES.md',
    'connector.rb',
    'logo.png',
    'logo.svg',
    'spec/connector_spec.rb',
    'spec/samples.json',
    'spec/spec_helper.rb',
  ]);
});

it('is small enough, with an overlay too', () => {
  const overlaid = packageWorkato(compileManifest(loadManifest([acme])), { version: '1.2.3' });
  for (const one of [files, overlaid])
    expect(Buffer.byteLength(String(one.get('connector.rb')))).toBeLessThan(maxConnectorBytes);
});

it('has no warning from Ruby', () => {
  expect(run('ruby', ['-wc', 'connector.rb'])).toEqual({ status: 0, stdout: 'Syntax OK\n', stderr: '' });
});

it('has no offense for RuboCop, under the configuration that comes with it', () => {
  const { status, stdout } = run('rubocop', ['--cache', 'false', '--format', 'simple']);
  expect({ status, stdout }).toMatchObject({ status: 0, stdout: expect.stringContaining('no offenses') });
}, 120_000);

describe('its specs', () => {
  it('pass on the connector as it is', () => {
    const { status, stdout, stderr } = run('rspec', ['-I', sdk]);
    expect({ status, stdout, stderr }).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/\d{2,} examples, 0 failures/),
    });
  });

  it('pass on a live service, with no recordings', async () => {
    const sandbox = await startSandbox();
    const env = { SCIM_BASE_URL: sandbox.scimBaseUrl, SCIM_TOKEN: sandbox.token };
    const result = await new Promise<string>((resolve, reject) => {
      // Not synchronous: the sandbox answers from this very process.
      import('node:child_process').then(({ execFile }) => {
        execFile(
          'rspec',
          ['-I', sdk],
          { cwd: folder, env: { ...process.env, TZ: 'UTC', ...env } },
          (error, out) => (error === null ? resolve(out) : reject(new Error(out))),
        );
      }, reject);
    });
    await sandbox.close();

    expect(result).toMatch(/\d{2,} examples, 0 failures/);
    for (const { key } of definition.actions) expect(result).toContain(`runs ${key} with its sample`);
    for (const { key } of definition.triggers) expect(result).toContain(`polls ${key} twice`);
  });
});

it('has a logo, drawn and as a picture of 512 by 512', () => {
  const picture = Buffer.from(files.get('logo.png') as Uint8Array);
  expect(picture.subarray(1, 4).toString()).toBe('PNG');
  expect([picture.readUInt32BE(16), picture.readUInt32BE(20)]).toEqual([512, 512]);
  expect(String(files.get('logo.svg'))).toContain('viewBox="0 0 512 512"');
});

it('names every action and trigger in its README and its changelog', () => {
  for (const { key, title } of [...definition.actions, ...definition.triggers]) {
    expect(String(files.get('README.md'))).toContain(`| ${title} |`);
    expect(String(files.get('CHANGELOG.md'))).toContain(`- ${title} (\`${key}\`)`);
  }
  expect(String(files.get('CHANGELOG.md'))).toContain('## 1.2.3');
});

it('describes the three commonest recipes, with steps that it has', () => {
  const text = String(files.get('RECIPES.md'));
  expect(text.match(/^## /gm)).toHaveLength(3);
  const named = [...text.matchAll(/\(`(\w+)`\)/g)].map(([, key]) => key);
  const known = [...definition.actions, ...definition.triggers].map(({ key }) => key);
  expect(named.length).toBeGreaterThan(5);
  for (const key of named) expect(known).toContain(key);
});

it('requires nothing and defines nothing outside its hash', () => {
  const parsed = execFileSync('ruby', ['-rripper', '-e', 'p Ripper.sexp(STDIN.read)[1].map(&:first)'], {
    input: String(files.get('connector.rb')),
    encoding: 'utf8',
  });
  expect(parsed.trim()).toBe('[:hash]');
});
