import { readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startSandbox } from '../../../sandbox/index.ts';
import { runCli } from '../../support/run-cli.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

let folder: ReturnType<typeof temporaryFolder>;
let file: string;

beforeEach(() => {
  folder = temporaryFolder();
  file = folder.file('acme.json');
});

afterEach(() => folder[Symbol.dispose]());

describe('rolecall overlay new', () => {
  it('writes an overlay that can be edited, validated, and run', async () => {
    const written = await runCli(['overlay', 'new', file]);
    expect(written).toMatchObject({ code: 0, err: expect.stringContaining(`validate ${file}`) });
    const content = readFileSync(file, 'utf8').replaceAll('grade', 'rank').replaceAll('Grade', 'Rank');
    writeFileSync(file, content);
    expect((await runCli(['validate', file])).out).toContain(`${file} is valid: `);

    const { schemas } = JSON.parse(content);
    await using sandbox = await startSandbox({ userExtensions: schemas });
    const env = { SCIM_BASE_URL: sandbox.scimBaseUrl, SCIM_TOKEN: sandbox.token };
    const run = (action: string, input: unknown) =>
      runCli(['run', action, '--overlay', file, '--input', JSON.stringify(input)], { env });
    await run('create_user', { userName: 'ada@example.com', rank: 'junior' });
    const { code, out } = await run('set_rank', { user: { userName: 'ada@example.com' }, rank: 'senior' });
    expect({ code, user: JSON.parse(out) }).toMatchObject({
      code: 0,
      user: { [schemas[0].id]: { rank: 'senior' } },
    });
  });

  it("fills it with the provider's own attributes", async () => {
    const acme = JSON.parse(readFileSync('examples/overlays/acme.json', 'utf8'));
    await using sandbox = await startSandbox({ userExtensions: acme.schemas });
    const env = { SCIM_BASE_URL: sandbox.scimBaseUrl, SCIM_TOKEN: sandbox.token };
    const { code, err } = await runCli(['overlay', 'new', file, '--from-provider'], { env });
    expect({ code, err }).toEqual({ code: 0, err: expect.stringContaining('The provider has 2 attributes') });
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({
      $schema: expect.stringContaining('overlay.schema.json'),
      overlayVersion: 1,
      resources: { User: { extensions: [acme.schemas[0].id] } },
    });
    expect((await runCli(['validate', file])).code).toBe(0);
  });

  it('never overwrites a file', async () => {
    writeFileSync(file, 'mine');
    const { code, err } = await runCli(['overlay', 'new', file]);
    expect({ code, err }).toEqual({ code: 2, err: `${file} exists. Pass the path of a new file.\n` });
    expect(readFileSync(file, 'utf8')).toBe('mine');
  });
});

describe('an invalid overlay', () => {
  it.each([
    ['without a version', { title: 'Acme' }, '  overlayVersion: is missing: add "overlayVersion": 1'],
    ['with a mistake', { overlayVersion: 1, titel: 'x', title: 'Acme' }, '  titel: is unknown: '],
  ])('%s is reported with its file, and only that', async (_, content, line) => {
    writeFileSync(file, JSON.stringify(content));
    const { code, err } = await runCli(['actions', '--overlay', file]);
    expect(code).toBe(2);
    expect(err.startsWith(`${file} is not valid:\n${line}`)).toBe(true);
    expect(err.trim().split('\n')).toHaveLength(2);
  });
});
