import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { compileManifest } from '../../../connector/definition/compile-manifest.ts';
import { packageMcp } from '../../../hosts/mcp/package-mcp.ts';
import packageJson from '../../../package.json' with { type: 'json' };
import { parseOverlay } from '../../../runtime/index.ts';
import { loadManifest } from '../../../runtime/load-manifest.ts';
import { startSandbox } from '../../../sandbox/index.ts';
import { call, connectClient, textOf } from './support/open-client.ts';
import { runTool } from './support/run-tool.ts';

const overlay = parseOverlay({
  overlayVersion: 1,
  title: 'Contractors',
  actions: [
    {
      key: 'mark_contractor',
      title: 'Mark contractor',
      group: 'Users',
      description: 'Marks a user as a contractor.',
      effect: 'write',
      idempotent: true,
      operation: {
        type: 'patch',
        resource: 'User',
        operations: [{ op: 'replace', path: 'userType', value: 'Contractor' }],
      },
      fields: [],
      sampleInput: { user: { userName: 'ada@example.com' } },
    },
  ],
});
const declaration = loadManifest([overlay]);
const definition = compileManifest(declaration);
const { version } = packageJson;
let folder: string;
let files: ReturnType<typeof packageMcp>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rolecall-mcpb-'));
  files = packageMcp(definition, { version, declaration });
  for (const [path, content] of files) writeFileSync(join(folder, path), content);
  expect(await runTool('mcpb', ['unpack', 'rolecall.mcpb', 'unpacked'], { cwd: folder })).toMatchObject({
    code: 0,
  });
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('the package has a bundle and an entry of the registry, and is the same each time', () => {
  const digests = (): readonly string[] =>
    [...packageMcp(definition, { version, declaration })].map(
      ([path, content]) => `${path} ${createHash('sha256').update(content).digest('hex')}`,
    );

  expect([...files.keys()]).toEqual(['rolecall.mcpb', 'server.json']);
  expect(digests()).toEqual(digests());
});

describe('the bundle', () => {
  it('has a manifest that passes the validation of mcpb', async () => {
    expect(await runTool('mcpb', ['validate', 'unpacked/manifest.json'], { cwd: folder })).toMatchObject({
      code: 0,
      output: expect.stringContaining('Manifest schema validation passes!'),
    });
  });

  it('asks a person for the connection, and hides the secret', () => {
    const { user_config: config } = JSON.parse(readFileSync(join(folder, 'unpacked/manifest.json'), 'utf8'));

    expect(config).toMatchObject({
      baseUrl: { type: 'string', required: true },
      token: { type: 'string', required: true, sensitive: true },
      tools: { default: 'read-only' },
      allowDestructive: { type: 'boolean', default: false },
    });
  });

  it('has the licenses of the packages that are in it', () => {
    const licenses = readFileSync(join(folder, 'unpacked/third-party-licenses.txt'), 'utf8');

    for (const name of ['@modelcontextprotocol/server', 'undici', 'zod'])
      expect(licenses).toMatch(new RegExp(`^${name} \\d`, 'm'));
  });

  it('serves the actions of the overlay, started as its manifest says', async () => {
    const sandbox = await startSandbox();
    const { server } = JSON.parse(readFileSync(join(folder, 'unpacked/manifest.json'), 'utf8'));
    const config: Readonly<Record<string, string>> = {
      baseUrl: sandbox.scimBaseUrl,
      token: sandbox.token,
      tools: 'all',
      allowDestructive: 'false',
    };
    const filled = (value: string): string =>
      value
        .replace(/\$\{__dirname\}/, join(folder, 'unpacked'))
        .replace(/\$\{user_config\.(\w+)\}/, (_, key) => config[key] ?? '');
    const transport = new StdioClientTransport({
      command: process.execPath,
      args: server.mcp_config.args.map(filled),
      env: Object.fromEntries(
        Object.entries(server.mcp_config.env as Record<string, string>).map(([name, value]) => [
          name,
          filled(value),
        ]),
      ),
      cwd: tmpdir(),
      stderr: 'ignore',
    });
    const client = await connectClient(transport);

    await call(client, 'create_user', { userName: 'ada@example.com' });
    const marked = await call(client, 'mark_contractor', { user: { userName: 'ada@example.com' } });
    const refused = await call(client, 'delete_user', { user: { userName: 'ada@example.com' } });
    const { contents } = await client.readResource({ uri: 'rolecall://docs/mcp' });
    await client.close();
    await sandbox.close();

    expect(marked.structuredContent).toMatchObject({ userType: 'Contractor' });
    expect(textOf(refused)).toContain('Error: not_confirmed');
    expect(contents).toMatchObject([{ mimeType: 'text/markdown' }]);
  });
});

describe('a bundle whose settings are wrong', () => {
  it.each([
    [{}, 'Invalid input: "SCIM base URL" is required; "SCIM token" is required.'],
    [{ ROLECALL_BASE_URL: 'http://example.com', ROLECALL_TOKEN: 'a' }, '"SCIM base URL" must start with'],
    [{ ROLECALL_TOOLS: 'everything' }, '"Tools" must be read-only, everyday, all'],
  ])('ends with a sentence that names the setting: %j', async (env, sentence) => {
    const server = spawn(process.execPath, [join(folder, 'unpacked/server/main.js')], {
      env: { ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const exited = once(server, 'exit');
    const written = await text(server.stderr);

    expect(await exited).toEqual([1, null]);
    expect(written).toContain(sentence);
    expect(written.split('\n')).toHaveLength(2);
  });
});

describe('the entry of the registry', () => {
  /**
   * What the registry requires of an entry: its schema of 2025-12-11 (modelcontextprotocol/static, a9ba437), by the fields
   * that the entry has. The schema itself accepts the entry, too, and is not part of this repository.
   */
  const input = z.object({
    description: z.string().min(1),
    isRequired: z.boolean().optional(),
    isSecret: z.boolean().optional(),
    choices: z.array(z.string()).optional(),
    default: z.string().optional(),
  });
  const entry = z.strictObject({
    $schema: z.literal('https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json'),
    name: z
      .string()
      .min(3)
      .max(200)
      .regex(/^[a-zA-Z0-9.-]+\/[a-zA-Z0-9._-]+$/),
    title: z.string().min(1).max(100),
    description: z.string().min(1).max(100),
    repository: z.strictObject({ url: z.url(), source: z.literal('github') }),
    websiteUrl: z.url(),
    version: z.string().regex(/^\d+\.\d+\.\d+/),
    packages: z.tuple([
      z.strictObject({
        registryType: z.literal('npm'),
        registryBaseUrl: z.literal('https://registry.npmjs.org'),
        identifier: z.literal(packageJson.name),
        version: z.literal(version),
        runtimeHint: z.literal('npx'),
        transport: z.strictObject({ type: z.literal('stdio') }),
        packageArguments: z.array(
          z.discriminatedUnion('type', [
            z.strictObject({ type: z.literal('positional'), value: z.string() }),
            z.strictObject({ type: z.literal('named'), name: z.string().startsWith('--'), ...input.shape }),
          ]),
        ),
        environmentVariables: z.array(
          z.strictObject({ name: z.string().regex(/^[A-Z_]+$/), ...input.shape }),
        ),
      }),
    ]),
  });

  it('has what the registry requires', () => {
    const parsed = entry.parse(JSON.parse(String(files.get('server.json'))));

    expect(parsed.name).toBe(packageJson.mcpName);
    expect(parsed.version).toBe(version);
  });
});
