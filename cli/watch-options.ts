import { type Command, Option } from 'commander';
import type { ConnectorDefinition, SourceDefinition } from '../connector/definition/definition.ts';
import { withDefaults } from '../connector/read-input.ts';
import { hasPublicAddress } from '../runtime/node/private-hosts.ts';
import type { WebhookSinkOptions } from '../runtime/node/sinks.ts';
import type { SubscriptionOptions } from '../runtime/watch/subscription-endpoint.ts';
import type { WatchSource } from '../runtime/watch/watched-connection.ts';
import { readWebhookSecret, type UrlProblem, webhookUrlProblem } from '../runtime/watch/webhook-sink.ts';
import { check } from '../schemas/check.ts';
import { UsageError } from './errors.ts';
import { collect, readScalar, readSet } from './options.ts';
import { readSecretEnv } from './secret-env.ts';

/** A field of the settings of a source. */
export type SourceSetting = SourceDefinition['fields'][number];

/** The event source options of a command. */
export interface SourceOptions {
  readonly source: readonly string[];
  readonly sourceSet: readonly string[];
  readonly sourceSecretEnv: readonly string[];
}

/** Adds the options of sources to a command. */
export function addSourceOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--source <type>', 'an event source, as listed by rolecall sources; repeatable')
        .argParser(collect)
        .default([], 'none'),
    )
    .addOption(
      new Option(
        '--source-set <field=value>',
        'a setting of the source; with several sources, type.field=value; repeatable',
      )
        .argParser(collect)
        .default([], 'none'),
    )
    .addOption(
      new Option(
        '--source-secret-env <field=name>',
        'the environment variable that holds a secret setting; repeatable',
      )
        .argParser(collect)
        .default([], 'none'),
    );
}

/** Reads the sources from the options and the environment. @throws UsageError */
export function readSourceOptions(
  { source, sourceSet, sourceSecretEnv }: SourceOptions,
  { sources }: ConnectorDefinition,
): readonly WatchSource[] {
  const types = [...new Set(source)];
  const chosen = types.map((type) => {
    const definition = sources.find((one) => one.type === type);
    if (definition === undefined)
      throw new UsageError(
        `There is no source "${type}". The sources are: ${sources.map((one) => one.type).join(', ')}.`,
      );
    return { definition, settings: {} as Record<string, unknown> };
  });
  for (const text of sourceSet) {
    const { settings, field, value } = readSetting(text, '--source-set', chosen);
    if (field.secret) {
      throw new UsageError(
        `--source-set ${field.key} is a secret. Set it in an environment variable, and pass --source-secret-env ${field.key}=NAME.`,
      );
    }
    settings[field.key] = field.schema.type === 'string' ? value : readScalar(value);
  }
  for (const text of sourceSecretEnv) {
    const { settings, field, value } = readSetting(text, '--source-secret-env', chosen);
    const option = `--source-secret-env ${field.key}`;
    settings[field.key] = readSecretEnv(value, { option, noun: 'secret', example: 'HOOK_SECRET' });
  }
  for (const { definition, settings } of chosen) {
    const [problem] = check(definition.settings, settings);
    if (problem !== undefined)
      throw new UsageError(
        `Invalid settings of the source ${definition.type}: ${problem.path} ${problem.message}. "rolecall describe ${definition.type}" shows the settings.`,
      );
  }
  // Checked above, by the schemas that the types are generated from.
  return chosen.map(({ definition: { type }, settings }) => ({ type, settings }) as unknown as WatchSource);
}

interface Setting {
  readonly settings: Record<string, unknown>;
  readonly field: SourceSetting;
  readonly value: string;
}

/** Reads `field=value`, or `type.field=value`. */
function readSetting(
  text: string,
  option: string,
  chosen: readonly { readonly definition: SourceDefinition; readonly settings: Record<string, unknown> }[],
): Setting {
  const [whole, type, key = '', value = ''] = /^(?:([a-z_]+)\.)?([A-Za-z0-9_]+)=(.*)$/s.exec(text) ?? [];
  const [only, ...others] = chosen.filter(({ definition }) => type === undefined || definition.type === type);
  if (whole === undefined || only === undefined || others.length > 0) {
    throw new UsageError(
      whole !== undefined && others.length > 0
        ? `${option} does not say which source it is for. Pass type.field=value.`
        : `${option} requires field=value and a --source.`,
    );
  }
  const field = only.definition.fields.find((one) => one.key === key);
  if (field === undefined) {
    const names = only.definition.fields.map((one) => one.key).join(', ');
    throw new UsageError(
      `${option} "${key}" is not a setting of ${only.definition.type}. The settings are: ${names}.`,
    );
  }
  return { settings: only.settings, field, value };
}

/** The webhook options of a command. */
export interface WebhookOptions {
  readonly to: readonly string[];
  readonly toSecretEnv: readonly string[];
  readonly toPlainHttp?: boolean;
  readonly heldTo?: string;
  readonly heldToSecretEnv?: string;
  readonly set: readonly string[];
}

/** Adds the options that say where events go to a command. */
export function addSinkOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--to <url>', 'post each event there instead of printing it; repeatable')
        .argParser(collect)
        .default([], 'none'),
    )
    .addOption(
      new Option(
        '--to-secret-env <name>',
        'the environment variable that holds the signing secret, whsec_…; to rotate it, two secrets separated by a space; with several --to, once for all, or once for each in the same order',
      )
        .argParser(collect)
        .default([], 'none'),
    )
    .addOption(
      new Option(
        '--to-plain-http',
        'also accept http:// URLs of other machines in a private network in --to and --held-to: events can be read in transit',
      ),
    )
    .addOption(
      new Option('--to-file <file>', 'append each event to a file instead of printing it; repeatable')
        .argParser(collect)
        .default([], 'none'),
    )
    .addOption(new Option('--held-to <url>', 'post a notice there when the safeguard holds losses'))
    .addOption(
      new Option('--held-to-secret-env <name>', 'the environment variable that holds its signing secret'),
    );
}

/** The options of subscriptions. */
export interface SubscribingOptions {
  readonly subscriptions?: boolean;
  readonly subscriptionsTokenEnv: string;
  readonly subscriptionsToPrivate?: boolean;
}

/** Adds the options of subscriptions to a command. */
export function addSubscriptionOptions(command: Command): Command {
  return command
    .option('--subscriptions', 'let others subscribe to events, at /subscriptions of --listen')
    .option(
      '--subscriptions-token-env <name>',
      'the environment variable that holds their bearer token; to rotate it, two tokens separated by a space',
      'SUBSCRIPTIONS_TOKEN',
    )
    .option(
      '--subscriptions-to-private',
      'also post to URLs in a private network and on this machine, which any subscriber can choose',
    );
}

/** Reads who can subscribe; undefined if nobody can. @throws UsageError */
export function readSubscriptionOptions({
  subscriptions,
  subscriptionsTokenEnv,
  subscriptionsToPrivate = false,
}: SubscribingOptions): SubscriptionOptions | undefined {
  if (subscriptions !== true) {
    if (subscriptionsToPrivate)
      throw new UsageError('--subscriptions-to-private requires --subscriptions. Pass both, or neither.');
    return undefined;
  }
  const words = { option: '--subscriptions-token-env', noun: 'token', example: 'SUBSCRIPTIONS_TOKEN' };
  const tokens = readSecretEnv(subscriptionsTokenEnv, words).split(/\s+/);
  return { tokens, allowPrivateTargets: subscriptionsToPrivate };
}

/** How errors name the tokens of subscriptions. */
export const subscriptionTokensFlag = 'the tokens (--subscriptions-token-env)';

/** How errors name a setting of a source. */
export function settingFlag({ key, title, secret }: SourceSetting): string {
  return secret ? `the ${title.toLowerCase()} (--source-secret-env ${key})` : `--source-set ${key}`;
}

const urlMessages: Readonly<Record<UrlProblem, string>> = {
  invalid: 'is not a URL. Pass the whole URL, beginning with https://.',
  unencrypted:
    'would send events without encryption. Use https://, or http:// only to this machine. In a private network, --to-plain-http permits http:// to others.',
  public:
    'would send events without encryption to a public address. Use https://: --to-plain-http is for private networks.',
  credentials: 'must not contain a username or password. The receiver verifies the signature instead.',
};

const toMakeOne = 'To generate a secret: echo "whsec_$(openssl rand -base64 24)"';

/** Reads where to post events; empty if nowhere. @throws UsageError */
export function readWebhookOptions(
  { to, toSecretEnv, toPlainHttp, heldTo, set }: WebhookOptions,
  definition: ConnectorDefinition,
): readonly WebhookSinkOptions[] {
  if (toPlainHttp === true && to.length === 0 && heldTo === undefined)
    throw new UsageError('--to-plain-http requires --to or --held-to. Pass the URL of the receiver.');
  const given = {
    option: '--to',
    urls: to,
    variables: toSecretEnv,
    allowPlainHttp: toPlainHttp,
    set,
  } as const;
  return readWebhooks(given, definition);
}

/** Reads where to post notices of held losses; undefined if nowhere. @throws UsageError */
export function readHeldWebhookOptions(
  { heldTo, heldToSecretEnv, toPlainHttp, set }: WebhookOptions,
  definition: ConnectorDefinition,
): WebhookSinkOptions | undefined {
  const urls = heldTo === undefined ? [] : [heldTo];
  const variables = heldToSecretEnv === undefined ? [] : [heldToSecretEnv];
  const given = { option: '--held-to', urls, variables, allowPlainHttp: toPlainHttp, set } as const;
  return readWebhooks(given, definition)[0];
}

interface GivenWebhooks {
  readonly option: '--to' | '--held-to';
  readonly urls: readonly string[];
  /** The environment variables with the secrets: one for all URLs, or one for each. */
  readonly variables: readonly string[];
  readonly allowPlainHttp: boolean | undefined;
  readonly set: readonly string[];
}

function readWebhooks(
  { option, urls, variables, allowPlainHttp = false, set }: GivenWebhooks,
  { connection }: ConnectorDefinition,
): readonly WebhookSinkOptions[] {
  const secretOption = `${option}-secret-env`;
  const [shared] = variables;
  if (urls.length === 0) {
    if (shared !== undefined)
      throw new UsageError(`${secretOption} requires ${option}. Pass the URL of the receiver.`);
    return [];
  }
  for (const url of urls) {
    const problem = webhookUrlProblem(url, allowPlainHttp ? hasPublicAddress : undefined);
    if (problem !== undefined) throw new UsageError(`${option} ${urlMessages[problem]}`);
  }
  if (shared === undefined) {
    throw new UsageError(
      `${secretOption} is missing. Pass the name of the environment variable that holds the secret. ${toMakeOne}`,
    );
  }
  if (variables.length > 1 && variables.length !== urls.length) {
    throw new UsageError(
      `${secretOption} does not say which ${option} each secret is for. Pass it once for all, or once for each in the same order.`,
    );
  }
  const limits = withDefaults(connection.schema, checked(readSet(set, connection), connection));
  return urls.map((url, index) => ({
    url,
    allowPlainHttp,
    secrets: readWebhookSecrets(secretOption, variables[index] ?? shared),
    timeoutInMs: Number(limits.timeoutInMs),
    deadlineInMs: Number(limits.deadlineInMs),
    maxResponseBytes: Number(limits.maxResponseBytes),
  }));
}

/** The signing secrets that a variable holds. @throws UsageError */
function readWebhookSecrets(option: string, variable: string): readonly string[] {
  const secretWords = { option, noun: 'secret', example: 'WEBHOOK_SECRET' };
  const secrets = readSecretEnv(variable, secretWords).split(/\s+/);
  if (secrets.some((secret) => readWebhookSecret(secret) === undefined)) {
    throw new UsageError(
      `The secret that ${option} names must be whsec_ and 24 to 64 bytes in base64. ${toMakeOne}`,
    );
  }
  return secrets;
}

/** @throws UsageError if a limit is invalid. */
function checked(
  given: Readonly<Record<string, unknown>>,
  { schema }: ConnectorDefinition['connection'],
): Readonly<Record<string, unknown>> {
  const [problem] = check({ ...schema, required: [] }, given);
  if (problem !== undefined) throw new UsageError(`--set ${problem.path} ${problem.message}`);
  return given;
}
