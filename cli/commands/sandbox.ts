import { once } from 'node:events';
import { Command, InvalidArgumentError, Option } from 'commander';
import { parseOverlay } from '../../connector/manifest/parse-manifest.zod.ts';
import {
  createIdp,
  type FaultRates,
  type FlavorName,
  flavorNames,
  type Idp,
  type IdpServer,
  parseFaults,
  type QuirkName,
  quirkNames,
  readQuirks,
  type Sandbox,
  type SandboxOptions as SandboxStart,
  type SchemaDefinition,
  startIdpServer,
  startSandbox,
  type UnknownMembers,
} from '../../sandbox/index.ts';
import { commandName } from '../command-name.ts';
import { overlayOption, readOverlays, readPort, readTokenEnv } from '../options.ts';
import { bold, type Terminal } from '../terminal.ts';

interface SandboxOptions {
  readonly port: number;
  readonly db?: string;
  readonly tokenEnv?: string;
  readonly idp: FlavorName;
  readonly faults?: FaultRates;
  readonly seed: number;
  readonly requestsPerMinute?: number;
  readonly eventsTo?: string;
  readonly eventsPoll?: boolean;
  readonly quirk: readonly QuirkName[];
  readonly unknownMembers: UnknownMembers;
  readonly cursorPagination: boolean;
  readonly overlay: readonly string[];
  readonly json?: boolean;
}

/** `rolecall sandbox`: serves a workspace and an identity provider on this machine until stopped. */
export function sandboxCommand(terminal: Terminal): Command {
  return new Command('sandbox')
    .description('serve a SCIM workspace and its identity provider on this machine, until stopped')
    .option('--port <number>', 'the port; 0 selects a free one', readPort, 0)
    .option('--db <file>', 'store all data in this SQLite file; default: in memory')
    .option(
      '--token-env <name>',
      'the environment variable that holds the token to accept; default: a new token',
    )
    .addOption(
      new Option('--idp <flavor>', 'the identity provider that pushes to it')
        .choices([...flavorNames])
        .default('okta'),
    )
    .option(
      '--faults <rates>',
      'inject faults into responses, such as drop=0.05,cut=0.01,delay=0.2:300',
      readFaults,
    )
    .option('--seed <number>', 'the seed of the faults, to repeat a run', readCount, 1)
    .option('--requests-per-minute <number>', 'return 429 above this rate', readCount)
    .option('--events-to <url>', 'push security event tokens to this URL: https, or this machine')
    .option('--events-poll', 'keep security event tokens for polling clients')
    .option('--quirk <name>', 'simulate a quirk of other providers; repeatable', collectQuirks, [])
    .addOption(
      new Option('--unknown-members <how>', 'the treatment of group members with an unknown ID')
        .choices(['reject', 'keep', 'ignore'])
        .default('reject'),
    )
    .option(
      '--no-cursor-pagination',
      'only index-based pagination, without "pagination" (RFC 9865) in /ServiceProviderConfig',
    )
    .addOption(overlayOption())
    .option('--json', 'print one JSON object with scimBaseUrl, token, and all other addresses')
    .addHelpText('after', `\nQuirks (docs/sandbox.md explains each):\n${columns(quirkNames)}\n`)
    .action(async (options: SandboxOptions) => {
      const idp = createIdp({ flavor: options.idp });
      const sandbox = await start(startOptions(options, idp));
      const idpServer = await connectIdp(idp, sandbox);
      const { idpUrl } = idpServer;
      if (options.json === true) terminal.out(JSON.stringify(addresses(sandbox, idpUrl)));
      else for (const line of greeting(sandbox, idpUrl, options.db)) terminal.out(line);
      await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
      await idpServer.close();
      await sandbox.close();
      terminal.err('The sandbox is closed.');
    });
}

function startOptions(
  {
    port,
    db,
    tokenEnv,
    faults,
    seed,
    requestsPerMinute,
    eventsTo,
    eventsPoll,
    quirk,
    unknownMembers,
    cursorPagination,
    overlay,
  }: SandboxOptions,
  idp: Idp,
): SandboxStart {
  return {
    port,
    seed,
    quirks: quirk,
    unknownMembers,
    cursorPagination,
    userExtensions: extensionsOf(overlay),
    ...(db !== undefined && { dbFile: db }),
    ...(tokenEnv !== undefined && { token: readTokenEnv(tokenEnv) }),
    ...(faults !== undefined && { faults }),
    ...(requestsPerMinute !== undefined && { limits: { requestsPerMinute } }),
    ...(eventsTo !== undefined && { eventPushUrl: eventsTo }),
    ...(eventsPoll === true && { eventPolling: true }),
    idp: { entityId: idp.entityId, certificate: idp.certificate },
  };
}

/** Connects the identity provider to the workspace, and starts its control server with the admin token. */
async function connectIdp(
  idp: Idp,
  { scimBaseUrl, token, acsUrl, audience, adminToken }: Sandbox,
): Promise<IdpServer> {
  idp.setLogin({ acsUrl, audience });
  idp.setProvisioning(token === '' ? { scimBaseUrl, isEnabled: false } : { scimBaseUrl, token });
  return startIdpServer(idp, adminToken);
}

function addresses(sandbox: Sandbox, idpUrl: string): Readonly<Record<string, unknown>> {
  const {
    scimBaseUrl,
    token,
    adminUrl,
    adminToken,
    apiUrl,
    acsUrl,
    audience,
    identityScimBaseUrls,
    identityTokens,
    eventsIssuer,
    eventsAudience,
    jwksUrl,
    eventPollUrl,
    eventPollToken,
  } = sandbox;
  return {
    scimBaseUrl,
    token,
    adminUrl,
    adminToken,
    apiUrl,
    acsUrl,
    audience,
    identityScimBaseUrls,
    identityTokens,
    eventsIssuer,
    eventsAudience,
    jwksUrl,
    eventPollUrl,
    eventPollToken,
    idpUrl,
  };
}

/** The schemas of the overlays, so that the sandbox stores a provider's own attributes. */
function extensionsOf(overlays: readonly string[]): readonly SchemaDefinition[] {
  return readOverlays(overlays).flatMap(
    (overlay) => (parseOverlay(overlay).schemas ?? []) as unknown as readonly SchemaDefinition[],
  );
}

async function start(options: SandboxStart): Promise<Sandbox> {
  try {
    return await startSandbox(options);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    if (error.code === 'EADDRINUSE') {
      throw new Error(
        `Port ${options.port} is in use. Choose another one, or omit --port to use any free port.`,
      );
    }
    if (error.code === 'ERR_SQLITE_ERROR') {
      throw new Error(
        `Cannot store the workspace in ${options.dbFile}: ${error.message}. Use a new file, or one that a sandbox created.`,
      );
    }
    throw error;
  }
}

function greeting(
  { scimBaseUrl, token, adminUrl, adminToken }: Sandbox,
  idpUrl: string,
  db: string | undefined,
): readonly string[] {
  const rolecall = commandName({ script: process.argv[1] ?? '', cwd: process.cwd(), env: process.env });
  return [
    `SCIM base URL  ${bold(scimBaseUrl)}`,
    `SCIM token     ${token === '' ? 'the one that the file was created with' : bold(token)}`,
    `Admin API      ${adminUrl}`,
    `IdP control    ${idpUrl}`,
    `Admin token    ${adminToken}`,
    `Stored in      ${db ?? 'memory: all data is lost when it stops'}`,
    '',
    'Try it in another terminal:',
    `  export SCIM_TOKEN=${token === '' ? '…' : token}`,
    `  ${rolecall} run create_user --base-url ${scimBaseUrl} --token-env SCIM_TOKEN --input '{"userName":"ada@example.com"}'`,
    '',
    'Ctrl+C stops it.',
  ];
}

/** The names in two columns, from top to bottom. */
function columns(names: readonly string[]): string {
  const height = Math.ceil(names.length / 2);
  const width = Math.max(...names.map(({ length }) => length)) + 2;
  return names
    .slice(0, height)
    .map((name, row) => `  ${name.padEnd(width)}${names[row + height] ?? ''}`.trimEnd())
    .join('\n');
}

function collectQuirks(name: string, before: readonly QuirkName[]): readonly QuirkName[] {
  try {
    return readQuirks([...before, name]);
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : String(error));
  }
}

function readCount(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count > 0) return count;
  throw new InvalidArgumentError('Pass a whole number from 1.');
}

function readFaults(text: string): FaultRates {
  try {
    return parseFaults(text);
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : String(error));
  }
}
