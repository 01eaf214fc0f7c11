import { type Command, Option } from 'commander';
import type { ConnectorDefinition } from '../connector/definition/definition.ts';
import { isLoopback } from '../connector/is-loopback.ts';
import { withDefaults } from '../connector/with-defaults.ts';
import type { WebhookTarget } from '../runtime/watch/post-event.ts';
import { readWebhookSecret } from '../runtime/watch/read-webhook-secret.ts';
import { check } from '../schemas/check.ts';
import { readSet } from './connection-options.ts';
import { readSecretEnv } from './read-secret-env.ts';
import { UsageError } from './usage-error.ts';

/** The options by which a command is told to post events. */
export interface WebhookOptions {
  readonly to?: string;
  readonly toSecretEnv?: string;
  readonly set: readonly string[];
}

const secretOption = { option: '--to-secret-env', noun: 'secret', example: 'WEBHOOK_SECRET' } as const;

/** Adds the options of a webhook to a command. */
export function addWebhookOptions(command: Command): Command {
  return command
    .addOption(new Option('--to <url>', 'post each event there instead of printing it'))
    .addOption(
      new Option(
        '--to-secret-env <name>',
        'the environment variable that holds the secret that signs them, whsec_…; several with a space between',
      ),
    );
}

/** Reads where events are to be posted; undefined when they are to be printed. @throws UsageError */
export function readWebhookOptions(
  { to, toSecretEnv, set }: WebhookOptions,
  { connection }: ConnectorDefinition,
): WebhookTarget | undefined {
  if (to === undefined) {
    if (toSecretEnv !== undefined) throw new UsageError('--to-secret-env goes with --to: give the address');
    return undefined;
  }
  const url = URL.parse(to);
  if (url === null) throw new UsageError('--to is no URL: give the whole address, beginning with https://');
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url.hostname))) {
    throw new UsageError(
      '--to would send events without encryption: use https://, or http:// to this machine alone',
    );
  }
  if (url.username !== '' || url.password !== '')
    throw new UsageError('--to must not hold a name or password: the receiver checks the signature instead');
  if (toSecretEnv === undefined) {
    throw new UsageError(
      '--to-secret-env is missing: name the environment variable that holds the secret. To make one: echo "whsec_$(openssl rand -base64 24)"',
    );
  }
  const limits = withDefaults(connection.schema, checked(readSet(set, connection), connection));
  return {
    url: url.href,
    secrets: readSecretEnv(toSecretEnv, secretOption).split(/\s+/).map(toSecret),
    timeoutInMs: Number(limits.timeoutInMs),
    deadlineInMs: Number(limits.deadlineInMs),
    maxResponseBytes: Number(limits.maxResponseBytes),
  };
}

function toSecret(text: string): Uint8Array {
  const secret = readWebhookSecret(text);
  if (secret === undefined) {
    throw new UsageError(
      'The secret that --to-secret-env names must be whsec_ and 24 to 64 bytes in base64. To make one: echo "whsec_$(openssl rand -base64 24)"',
    );
  }
  return secret;
}

/** @throws UsageError when a limit is none. */
function checked(
  given: Readonly<Record<string, unknown>>,
  { schema }: ConnectorDefinition['connection'],
): Readonly<Record<string, unknown>> {
  const [problem] = check({ ...schema, required: [] }, given);
  if (problem !== undefined) throw new UsageError(`--set ${problem.path} ${problem.message}`);
  return given;
}
