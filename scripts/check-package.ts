// Packs the package, installs the tarball into an empty folder, and uses it there like a user does.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { type CheckResult, checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';

const script = `
  import { createConnector } from 'rolecall';
  import { startSandbox } from 'rolecall/sandbox';
  import manifest from 'rolecall/manifest.json' with { type: 'json' };
  const { SCIM_BASE_URL: baseUrl = '', SCIM_TOKEN: token = '' } = process.env;
  const connector = createConnector({ baseUrl, token });
  const user = await connector.actions.find_user({ user: { userName: 'ada@example.com' } });
  console.log(user?.id);
  connector.close();
  await (await startSandbox()).close();
  if (manifest.actions.length === 0) throw new Error('The manifest is empty');
`;
const typed = `
  import { ConnectorError, createConnector, type User } from 'rolecall';
  import { startSandbox } from 'rolecall/sandbox';
  await using sandbox = await startSandbox();
  await using connector = createConnector({ baseUrl: sandbox.scimBaseUrl, token: sandbox.token });
  const user: User = await connector.actions.create_user({ userName: 'ada@example.com' });
  // @ts-expect-error: a user name is required
  await connector.actions.create_user({}).catch((error: ConnectorError) => error.code);
  export const id: string = user.id;
`;
// The sandbox starts without the SAML libraries, and requires them for the first login.
const login = `
  import { createIdp, startSandbox } from 'rolecall/sandbox';
  const idp = createIdp({ flavor: 'okta', isProvisioning: false });
  const { entityId, certificate } = idp;
  const { acsUrl, audience, close } = await startSandbox({ idp: { entityId, certificate } });
  idp.setLogin({ acsUrl, audience });
  idp.addPerson({ userName: 'ada@example.com', givenName: 'Ada', familyName: 'Lovelace' });
  const { error } = await idp.login('ada@example.com', { isForced: true });
  const response = await fetch(acsUrl, { method: 'POST', body: new URLSearchParams({ SAMLResponse: 'PHg+' }) });
  console.log(JSON.stringify({ signing: error ?? 'logged in', verifying: await response.text() }));
  await close();
`;
/** How TypeScript resolves types for what imports no ES modules, which the package consists of. */
const unsupportedResolutions: readonly unknown[] = ['node10', 'node16-cjs'];
const folder = mkdtempSync(join(tmpdir(), 'rolecall-package-'));
let sandbox: ChildProcess | undefined;
try {
  const [packed] = JSON.parse(run('npm', ['pack', '--json', '--pack-destination', folder], process.cwd()));
  run('npm', ['init', '--yes']);
  run('npm', ['install', join(folder, packed.filename)]);

  run('npx', ['publint', '--strict', join(folder, 'node_modules/rolecall')], process.cwd());
  expectTypesToResolve(
    await checkPackage(createPackageFromTarballData(readFileSync(join(folder, packed.filename)))),
  );
  sandbox = spawn('npx', ['rolecall', 'sandbox', '--json', '--db', join(folder, 'sandbox.db')], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  const { scimBaseUrl, token } = JSON.parse(await firstLine(sandbox));
  const connection = ['--base-url', scimBaseUrl, '--token-env', 'SCIM_TOKEN'];
  const user = JSON.parse(
    run(
      'npx',
      ['rolecall', 'run', 'create_user', '--input', '{"userName":"ada@example.com"}', ...connection],
      folder,
      { SCIM_TOKEN: token },
    ),
  );
  expect(user.userName === 'ada@example.com', 'npx rolecall run create_user returns the user');

  const provider = { baseUrl: scimBaseUrl, auth: { type: 'bearer', tokenEnv: 'SCIM_TOKEN' } };
  const trigger = { key: 'user_provisioned', input: { startFrom: 'beginning' } };
  // The figures of --admin are bundled, too.
  const admin = { port: 0 };
  const config = {
    state: 'all.state',
    admin,
    connections: { default: { ...provider, triggers: [trigger] } },
  };
  writeFileSync(join(folder, 'watch.json'), JSON.stringify(config));
  const watched = run('npx', ['rolecall', 'watch', '--config', 'watch.json', '--once'], folder, {
    SCIM_TOKEN: token,
  });
  expect(JSON.parse(watched).subject.id === user.id, 'npx rolecall watch --config prints the event');

  run('npx', ['rolecall', 'package', 'n8n', '--out', 'n8n-package']);
  const node = join(folder, 'n8n-package/dist/nodes/Scim/Scim.node.js');
  expect(existsSync(node), 'npx rolecall package n8n writes the node');
  run('npx', ['rolecall', 'package', 'zapier', '--out', 'zapier-app']);
  expect(
    existsSync(join(folder, 'zapier-app/connector/app.js')),
    'npx rolecall package zapier writes the app',
  );
  run('npx', ['rolecall', 'package', 'mcp', '--out', 'mcp-package']);
  const bundle = join(folder, 'mcp-package/rolecall.mcpb');
  expect(existsSync(bundle), 'npx rolecall package mcp writes a bundle');
  run('npx', ['rolecall', 'package', 'activepieces', '--out', 'piece']);
  expect(existsSync(join(folder, 'piece/connector/piece.js')), 'npx rolecall package activepieces writes it');
  run('npx', ['rolecall', 'package', 'workato', '--out', join(folder, 'workato')]);
  const connectorFile = readFileSync(join(folder, 'workato', 'connector.rb'), 'utf8');
  expect(connectorFile.includes("call('run_action'"), 'npx rolecall package workato writes a connector');

  writeFileSync(join(folder, 'use.mjs'), script);
  const found = run('node', ['use.mjs'], folder, { SCIM_BASE_URL: scimBaseUrl, SCIM_TOKEN: token }).trim();
  expect(found === user.id, 'the library finds the user that the command line created');

  writeFileSync(join(folder, 'login.mjs'), login);
  expect(
    !existsSync(join(folder, 'node_modules/xml-crypto')) &&
      !existsSync(join(folder, 'node_modules/@node-saml')),
    'the SAML libraries are not installed',
  );
  const asked = JSON.parse(run('node', ['login.mjs']));
  const [, command = ''] = /"npm (install [^"]+)"/.exec(asked.signing) ?? [];
  expect(
    command !== '' && asked.verifying.includes(`npm ${command}`),
    'a login says which libraries to install',
  );
  run('npm', command.split(' '));
  const { signing, verifying } = JSON.parse(run('node', ['login.mjs']));
  expect(
    signing === 'logged in' && verifying.includes('malformed'),
    'with these libraries a login is signed and verified',
  );

  writeFileSync(join(folder, 'use.mts'), typed);
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      compilerOptions: {
        strict: true,
        module: 'nodenext',
        target: 'es2024',
        noEmit: true,
        types: [],
        skipLibCheck: false,
      },
      files: ['use.mts'],
    }),
  );
  run(resolve('node_modules/.bin/tsc'), ['-p', '.']);
  console.log('ok: a consumer in TypeScript compiles');
} finally {
  if (sandbox?.pid !== undefined) process.kill(-sandbox.pid, 'SIGTERM');
  rmSync(folder, { recursive: true, force: true });
}

function run(command: string, args: readonly string[], cwd = folder, env: NodeJS.ProcessEnv = {}): string {
  return execFileSync(command, args, {
    cwd,
    env: { ...process.env, ...env },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

function expectTypesToResolve(result: CheckResult): void {
  if (result.types === false) throw new Error('Does not hold: the package has types');
  const problems = result.problems.filter(
    (problem) => !('resolutionKind' in problem && unsupportedResolutions.includes(problem.resolutionKind)),
  );
  for (const problem of problems) console.error(JSON.stringify(problem));
  expect(problems.length === 0, 'TypeScript resolves the types of each entry as Node resolves its code');
}

async function firstLine({ stdout }: ChildProcess): Promise<string> {
  if (stdout === null) throw new Error('The sandbox has no standard output');
  const [line] = await once(createInterface({ input: stdout }), 'line');
  return String(line);
}

function expect(holds: boolean, what: string): void {
  if (!holds) throw new Error(`Does not hold: ${what}`);
  console.log(`ok: ${what}`);
}
