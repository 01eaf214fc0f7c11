import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { Command, InvalidArgumentError, Option } from 'commander';
import { parseOverlay } from '../../connector/manifest/parse-manifest.zod.ts';
import type { Profile } from '../../connector/manifest/profile.zod.ts';
import { whyUnreadable } from '../../runtime/node/why-unreadable.ts';
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
  type SandboxCredentials,
  type SandboxOptions as SandboxStart,
  type SchemaDefinition,
  startIdpServer,
  startSandbox,
  type UnknownMembers,
} from '../../sandbox/index.ts';
import { authVariables } from '../auth-options.ts';
import { commandName } from '../command-name.ts';
import { UsageError } from '../errors.ts';
import { overlayOption, readOverlays, readPort, readProfile } from '../options.ts';
import { readSecretEnv } from '../secret-env.ts';
import { bold, type Terminal } from '../terminal.ts';

interface SandboxOptions {
  readonly port: number;
  readonly db?: string;
  readonly tokenEnv?: string;
  readonly newToken?: boolean;
  readonly invitations?: boolean;
  readonly auth?: keyof typeof authTypes;
  readonly tokenLifetime?: number;
  readonly idp: FlavorName;
  readonly faults?: FaultRates;
  readonly seed: number;
  readonly requestsPerMinute?: number;
  readonly eventsTo?: string;
  readonly eventsPoll?: boolean;
  readonly quirk: readonly QuirkName[];
  readonly profile?: string;
  readonly unknownMembers: UnknownMembers;
  readonly cursorPagination: boolean;
  readonly overlay: readonly string[];
  readonly json?: boolean;
}

/** The methods of --auth, by short names. */
const authTypes = {
  bearer: 'bearer',
  oauth: 'oauth_client_credentials',
  basic: 'basic',
  header: 'header',
} as const;

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
      new Option(
        '--new-token',
        'with --db: replace the SCIM token of the file, and print the new one',
      ).conflicts('tokenEnv'),
    )
    .addOption(
      new Option(
        '--auth <method>',
        'the only method that SCIM accepts; others than bearer have new credentials',
      )
        .choices(Object.keys(authTypes))
        .default(undefined, 'that of the profile, or bearer'),
    )
    .option('--token-lifetime <seconds>', 'with --auth oauth: the lifetime of access tokens', readCount)
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
    .option('--invitations', 'users whom SCIM creates must accept an invitation before SCIM can change them')
    .option('--quirk <name>', 'simulate a quirk of other providers; repeatable', collectQuirks, [])
    .option('--profile <name>', 'play this provider: the traits and the authentication method of its profile')
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
      else for (const line of greeting(sandbox, idpUrl, options)) terminal.out(line);
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
    newToken,
    invitations,
    auth: given,
    tokenLifetime,
    faults,
    seed,
    requestsPerMinute,
    eventsTo,
    eventsPoll,
    quirk,
    profile: name,
    unknownMembers,
    cursorPagination,
    overlay,
  }: SandboxOptions,
  idp: Idp,
): SandboxStart {
  const profile = profileOf(name);
  const auth = given ?? shortTypeOf(profile?.auth[0]?.type);
  if (tokenEnv !== undefined && auth !== 'bearer')
    throw new UsageError(`--token-env does not belong to --auth ${auth}. Omit one of them.`);
  if (newToken === true && auth !== undefined && auth !== 'bearer')
    throw new UsageError(`--new-token does not belong to --auth ${auth}. Omit one of them.`);
  if (tokenLifetime !== undefined && auth !== 'oauth')
    throw new UsageError('--token-lifetime requires --auth oauth.');
  return {
    port,
    seed,
    quirks: readQuirks([...(profile?.traits.map((trait) => trait.name) ?? []), ...quirk]),
    unknownMembers,
    cursorPagination,
    userExtensions: extensionsOf(overlay),
    ...(db !== undefined && { dbFile: db }),
    auth: {
      type: authTypes[auth],
      ...(tokenLifetime !== undefined && { tokenLifetimeInSeconds: tokenLifetime }),
    },
    ...(tokenEnv !== undefined && {
      token: readSecretEnv(tokenEnv, { option: '--token-env', noun: 'token', example: 'SCIM_TOKEN' }),
    }),
    ...(newToken === true && { token: randomBytes(24).toString('base64url') }),
    ...(invitations === true && { invitations }),
    ...(faults !== undefined && { faults }),
    ...(requestsPerMinute !== undefined && { limits: { requestsPerMinute } }),
    ...(eventsTo !== undefined && { eventPushUrl: eventsTo }),
    ...(eventsPoll === true && { eventPolling: true }),
    idp: { entityId: idp.entityId, certificate: idp.certificate },
  };
}

function profileOf(name: string | undefined): Profile | undefined {
  const [overlay] = readProfile(name);
  return overlay === undefined ? undefined : parseOverlay(overlay, name).profile;
}

function shortTypeOf(type: Profile['auth'][number]['type'] | undefined): keyof typeof authTypes {
  const [short] = Object.entries(authTypes).find(([, one]) => one === type) ?? ['bearer'];
  return short as keyof typeof authTypes;
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

const printedAddresses = [
  'scimBaseUrl',
  'token',
  'auth',
  'adminUrl',
  'adminToken',
  'apiUrl',
  'acsUrl',
  'audience',
  'identityScimBaseUrls',
  'identityTokens',
  'eventsIssuer',
  'eventsAudience',
  'jwksUrl',
  'eventPollUrl',
  'eventPollToken',
] as const satisfies readonly (keyof Sandbox)[];

function addresses(sandbox: Sandbox, idpUrl: string): Readonly<Record<string, unknown>> {
  return { ...Object.fromEntries(printedAddresses.map((name) => [name, sandbox[name]])), idpUrl };
}

/** The schemas of the overlays, so that the sandbox stores a provider's own attributes. */
function extensionsOf(overlays: readonly string[]): readonly SchemaDefinition[] {
  return readOverlays(overlays).flatMap(
    (overlay) => (overlay.schemas ?? []) as unknown as readonly SchemaDefinition[],
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
    if (options.dbFile !== undefined && (error.code === 'ERR_SQLITE_ERROR' || 'path' in error)) {
      throw new UsageError(
        `Cannot store the workspace in ${options.dbFile}: ${whyUnreadable(error)}. Use a new file in an existing folder, or one that a sandbox created.`,
      );
    }
    throw error;
  }
}

function greeting(
  { scimBaseUrl, auth, adminUrl, adminToken }: Sandbox,
  idpUrl: string,
  { db, profile }: Pick<SandboxOptions, 'db' | 'profile'>,
): readonly string[] {
  const rolecall = commandName({ script: process.argv[1] ?? '', cwd: process.cwd(), env: process.env });
  return [
    `SCIM base URL  ${bold(scimBaseUrl)}`,
    ...credentialLines(auth),
    `Admin API      ${adminUrl}`,
    `IdP control    ${idpUrl}`,
    `Admin token    ${adminToken}`,
    `Stored in      ${db ?? 'memory: all data is lost when it stops'}`,
    '',
    'Try it in another terminal:',
    `  export SCIM_BASE_URL=${scimBaseUrl}`,
    ...authVariables(auth).map(
      ([name, value]) => `  export ${name}=${value === '' ? '…' : shellWord(value)}`,
    ),
    `  ${rolecall} run create_user ${profile === undefined ? '' : `--profile ${shellWord(profile)} `}--input '{"userName":"ada@example.com"}'`,
    '',
    'Ctrl+C stops it.',
  ];
}

function credentialLines(auth: SandboxCredentials): readonly string[] {
  switch (auth.type) {
    case 'bearer':
      return [
        `SCIM token     ${auth.token === '' ? 'the one that the file was created with; --new-token replaces it' : bold(auth.token)}`,
      ];
    case 'oauth_client_credentials':
      return [
        `Token URL      ${auth.tokenUrl}`,
        `Client ID      ${bold(auth.clientId)}`,
        `Client secret  ${bold(auth.clientSecret)}`,
      ];
    case 'basic':
      return [`Username       ${bold(auth.username)}`, `Password       ${bold(auth.password)}`];
    case 'header':
      return [`Header         ${bold(`${auth.headerName}: ${auth.headerValue}`)}`];
  }
}

/** A value as a POSIX shell reads it. */
function shellWord(value: string): string {
  return /^[\w./:@%+=,-]+$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`;
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
