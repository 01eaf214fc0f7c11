import { once } from 'node:events';
import { Command, InvalidArgumentError } from 'commander';
import { parseOverlay } from '../../connector/manifest/parse-manifest.zod.ts';
import {
  type Sandbox,
  type SandboxOptions as SandboxStart,
  type SchemaDefinition,
  startSandbox,
} from '../../sandbox/index.ts';
import { readTokenEnv } from '../connection-options.ts';
import { overlayOption, readOverlays } from '../overlay-option.ts';
import { bold, type Terminal } from '../terminal.ts';

interface SandboxOptions {
  readonly port: number;
  readonly db?: string;
  readonly tokenEnv?: string;
  readonly overlay: readonly string[];
  readonly json?: boolean;
}

/** `rolecall sandbox`: a SCIM service on this machine, until it is stopped. */
export function sandboxCommand(terminal: Terminal): Command {
  return new Command('sandbox')
    .description('serve a SCIM workspace on this machine, until it is stopped')
    .option('--port <number>', 'the port; 0 takes any that is free', readPort, 0)
    .option('--db <file>', 'keep everything in this SQLite file; left out: in memory')
    .option(
      '--token-env <name>',
      'the environment variable that holds the token to accept; left out: a new one',
    )
    .addOption(overlayOption())
    .option('--json', 'print one JSON object with scimBaseUrl and token')
    .action(async ({ port, db, tokenEnv, overlay, json }: SandboxOptions) => {
      const token = tokenEnv === undefined ? undefined : readTokenEnv(tokenEnv);
      const sandbox = await start({
        port,
        ...(db !== undefined && { dbFile: db }),
        ...(token !== undefined && { token }),
        userExtensions: extensionsOf(overlay),
      });
      const { scimBaseUrl } = sandbox;
      if (json === true) terminal.out(JSON.stringify({ scimBaseUrl, token: sandbox.token }));
      else for (const line of greeting(scimBaseUrl, sandbox.token, db)) terminal.out(line);
      await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
      await sandbox.close();
      terminal.err('The sandbox is closed.');
    });
}

/** The schemas of the overlays, so that the sandbox keeps a provider's own attributes too. */
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
        `Port ${options.port} is taken: choose another, or leave --port out to take any that is free.`,
      );
    }
    if (error.code === 'ERR_SQLITE_ERROR') {
      throw new Error(
        `Cannot keep the workspace in ${options.dbFile}: ${error.message}. Name a new file, or one that a sandbox has made.`,
      );
    }
    throw error;
  }
}

function greeting(scimBaseUrl: string, token: string, db: string | undefined): readonly string[] {
  return [
    `SCIM base URL  ${bold(scimBaseUrl)}`,
    `SCIM token     ${token === '' ? 'the one that the file was made with' : bold(token)}`,
    `Kept in        ${db ?? 'memory: all is gone when it stops'}`,
    '',
    'Try it in another window:',
    `  export SCIM_TOKEN=${token === '' ? '…' : token}`,
    `  npx rolecall run create_user --base-url ${scimBaseUrl} --token-env SCIM_TOKEN --input '{"userName":"ada@example.com"}'`,
    '',
    'Ctrl+C stops it.',
  ];
}

function readPort(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new InvalidArgumentError('A port is a whole number from 0 to 65535.');
}
