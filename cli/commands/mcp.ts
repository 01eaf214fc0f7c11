import { Command, Option } from 'commander';
import { isLoopback } from '../../connector/is-loopback.ts';
import { defaultMaxCallInMs, maxDeadlineOf } from '../../hosts/mcp/call-time.ts';
import type { ServerSettings } from '../../hosts/mcp/server/create-server.ts';
import { defaultToolset, type ToolsetName, toolsetNames, toolsets } from '../../hosts/mcp/toolsets.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { type ConnectorOptions, connect } from '../context.ts';
import { UsageError } from '../errors.ts';
import { commandLineWords as words } from '../mcp-words.ts';
import { addConnectionOptions, collect, overlayOption, readDuration, readPort } from '../options.ts';
import { readSecretEnv } from '../secret-env.ts';
import { listenForShutdown } from '../shutdown-signals.ts';
import type { Terminal } from '../terminal.ts';

type Options = ConnectorOptions & {
  readonly tools: ToolsetName;
  readonly allowDestructive?: boolean;
  readonly callTimeout: number;
  readonly http?: number;
  readonly httpHost: string;
  readonly httpTokenEnv?: string;
  readonly httpName: readonly string[];
};

/** `rolecall mcp`: serves the actions to AI agents by the Model Context Protocol. */
export function mcpCommand(terminal: Terminal): Command {
  const command = new Command('mcp')
    .description('serve the actions to AI agents by the Model Context Protocol, on standard input and output')
    .addOption(
      new Option(
        '--tools <set>',
        `the actions to offer: ${toolsetNames.map((name) => `${name} (${toolsets[name]})`).join(', ')}`,
      )
        .choices(toolsetNames)
        .default(defaultToolset),
    )
    .option(
      '--allow-destructive',
      'run changes that remove access without a confirmation, if the client cannot ask a person',
    )
    .addOption(
      new Option(
        '--call-timeout <duration>',
        'the longest time of one call, which must be less than the client waits; most wait for 60 seconds',
      )
        .argParser(readDuration)
        .default(defaultMaxCallInMs, '50s'),
    )
    .addOption(
      new Option('--http <port>', 'serve over HTTP at /mcp instead; 0 selects a free port').argParser(
        readPort,
      ),
    )
    .option('--http-host <address>', 'the address to listen on', '127.0.0.1')
    .option(
      '--http-token-env <name>',
      'the environment variable with the bearer token of clients; required unless the address is of this machine',
    )
    .addOption(
      new Option(
        '--http-name <host>',
        'a host name in the URLs of clients, other than the address; repeatable',
      )
        .argParser(collect)
        .default([], 'none'),
    )
    .addOption(overlayOption())
    .option('--discover', "also accept the provider's own attributes as fields")
    .option('--verbose', 'log each request to standard error');
  return addConnectionOptions(command)
    .addHelpText(
      'after',
      '\nExample:\n  rolecall mcp --tools everyday --base-url https://workato.com/scim/v2 --token-env SCIM_TOKEN',
    )
    .action((options: Options) => runMcp(options, terminal));
}

async function runMcp(options: Options, terminal: Terminal): Promise<void> {
  const {
    tools: toolset,
    allowDestructive: allowsDestructive = false,
    callTimeout: maxCallInMs,
    http,
  } = options;
  const httpSettings = http === undefined ? undefined : { port: http, ...readHttpOptions(options) };
  const connector = await connect({ ...options, maxDeadlineInMs: maxDeadlineOf(maxCallInMs) }, terminal);
  const { drain, release } = listenForShutdown();
  try {
    const { version } = packageJson;
    const settings: ServerSettings = { connector, toolset, allowsDestructive, maxCallInMs, words, version };
    // The SDK is bundled, and only this command loads it.
    if (httpSettings === undefined) {
      const { serveOverStdio } = await import('../../hosts/mcp/server/serve-stdio.ts');
      await serveOverStdio(settings, drain);
      return;
    }
    const { serveOverHttp } = await import('../../hosts/mcp/server/serve-http.ts');
    const server = await serveOverHttp(settings, httpSettings);
    terminal.err(`Serving MCP at ${server.url}`);
    await untilAborted(drain);
    await server.close();
  } finally {
    release();
    connector.close();
  }
}

/** The names of this machine in URLs. */
const localNames = ['localhost', '127.0.0.1', '[::1]'];

/** @throws UsageError if others could use the server without a token, or if its name is not known */
function readHttpOptions({ httpHost: host, httpTokenEnv, httpName }: Options): {
  readonly host: string;
  readonly hostNames: readonly string[];
  readonly token: string | undefined;
} {
  const name = host.includes(':') ? `[${host}]` : host;
  const token =
    httpTokenEnv === undefined
      ? undefined
      : readSecretEnv(httpTokenEnv, {
          option: '--http-token-env',
          noun: 'token',
          example: 'ROLECALL_MCP_TOKEN',
        });
  if (isLoopback(name)) return { host, hostNames: [...localNames, name, ...httpName], token };
  if (token === undefined)
    throw new UsageError(
      `Other machines can reach ${host}. Pass --http-token-env with the name of a variable that has a token, or listen on 127.0.0.1.`,
    );
  const isEveryAddress = host === '0.0.0.0' || host === '::';
  if (isEveryAddress && httpName.length === 0)
    throw new UsageError(
      `${host} is no name of this machine. Pass --http-name with the host name in the URLs of clients.`,
    );
  return { host, hostNames: isEveryAddress ? httpName : [name, ...httpName], token };
}

async function untilAborted(signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
    if (signal.aborted) resolve();
  });
}
