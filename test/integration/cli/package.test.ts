import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { strFromU8, unzipSync } from 'fflate';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { compileManifest } from '../../../connector/definition/compile-manifest.ts';
import { packagers } from '../../../hosts/packagers.ts';
import packageJson from '../../../package.json' with { type: 'json' };
import { loadManifest } from '../../../runtime/load-manifest.ts';
import { runCli } from '../../support/run-cli.ts';

const acme = new URL('../../../examples/overlays/acme.json', import.meta.url).pathname;

let folder: string;

/** The text of a file, or the texts of those in an archive. */
function textsOf(path: string): readonly string[] {
  const content = readFileSync(path);
  return path.endsWith('.mcpb')
    ? Object.values(unzipSync(content)).map((file) => strFromU8(file))
    : [`${content}`];
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rolecall-cli-package-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe.each(packagers)('rolecall package $name', ({ name, package: make, nextStep }) => {
  it('writes the files of the packager into a new folder', async () => {
    const out = join(folder, 'deep', 'down');
    const result = await runCli(['package', name, '--out', out]);

    const declaration = loadManifest();
    const files = make(compileManifest(declaration), { version: packageJson.version, declaration });
    expect(result).toEqual({
      code: 0,
      out: '',
      err: `${files.size} files written to ${out}. ${nextStep(out)}\n`,
    });
    const written = readdirSync(out, { recursive: true, withFileTypes: true });
    expect(written.filter((entry) => entry.isFile())).toHaveLength(files.size);
    for (const [path, content] of files)
      expect(readFileSync(join(out, path)).equals(Buffer.from(content))).toBe(true);
  });

  it('applies overlays', async () => {
    await runCli(['package', name, '--out', folder, '--overlay', acme]);

    const text = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .flatMap((entry) => textsOf(join(entry.parentPath, entry.name)))
      .join('\n');
    expect(text).toContain('set_acme_role');
  });

  it('does not change files in the folder', async () => {
    writeFileSync(join(folder, 'mine'), '');
    const { code, err } = await runCli(['package', name, '--out', folder]);
    expect({ code, err }).toEqual({
      code: 2,
      err: `${folder} is not empty. Pass a new folder, or empty it.\n`,
    });
    expect(readdirSync(folder)).toEqual(['mine']);
  });
});

describe('rolecall package', () => {
  it('lists the hosts if none or an unknown one is given', async () => {
    const unknown = await runCli(['package', 'zapper', '--out', folder]);
    expect(unknown).toMatchObject({ code: 2, out: '' });
    for (const { name } of packagers) expect(unknown.err).toContain(name);
    const listed = await runCli(['package']);
    expect(listed).toMatchObject({ code: 0, err: '' });
    const lines = listed.out.replace(/\s+/g, ' ');
    for (const { name, abilities } of packagers) {
      expect(listed.out).toMatch(new RegExp(`^${name} `, 'm'));
      for (const word of Object.values(abilities).flatMap((text) => text.split(' ')))
        expect(lines).toContain(word);
    }
    expect(await runCli(['package', '--out', folder])).toMatchObject({
      ...{ code: 2, out: '' },
      err: '--out requires a host. "rolecall package" lists the hosts.\n',
    });
    const { out } = await runCli(['package', '--help']);
    const words = out.replace(/\s+/g, ' ');
    for (const { name, title } of packagers) expect(words).toContain(`${name}: ${title}`);
  });

  it('requires the folder', async () => {
    const { code, err } = await runCli(['package', packagers[0]?.name ?? '']);
    expect(code).toBe(2);
    expect(err).toContain('--out');
  });

  it('names the file that is in the way', async () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    const { code, out, err } = await runCli(['package', packagers[0]?.name ?? '', '--out', file]);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(/cannot be read\. Pass the path of a folder\.\n$/);
  });
});
