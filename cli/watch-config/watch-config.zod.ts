import { z } from 'zod';
import manifest from '../../manifest.json' with { type: 'json' };
import { exitConditions } from '../../runtime/watch/watch.ts';

const variable = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be the name of an environment variable, never the secret itself');
const duration = z.string().regex(/^[1-9]\d*(ms|s|m|h)$/, 'must be a number with a unit: 500ms, 30s, 5m, 1h');
const file = z.string().min(1);
const host = z.string().min(1).optional().describe('The local address. Default: 127.0.0.1.');
const port = z.int().min(0).max(65_535).describe('0 selects a free port.');

interface AuthField {
  readonly key: string;
  readonly help: string;
  readonly secret?: boolean;
  readonly required?: boolean;
}

/** The fields of a method; `tokenEnv` in place of `token`, because a secret is never in the file. */
function authFields(fields: readonly AuthField[]): Record<string, z.ZodType> {
  return Object.fromEntries(
    fields.map(({ key, help, secret = false, required = false }) => {
      const [name, schema] = secret
        ? [`${key}Env`, variable.describe(`The environment variable that holds it. ${help}`)]
        : [key, z.string().min(1).describe(help)];
      return [name, required ? schema : schema.optional()];
    }),
  );
}

const [firstMethod, ...otherMethods] = manifest.connection.auth.methods.map(({ type, title, fields }) =>
  z.strictObject({ type: z.literal(type), ...authFields(fields as readonly AuthField[]) }).describe(title),
);
if (firstMethod === undefined) throw new TypeError('The manifest declares no method to authenticate');

const trigger = z.union([
  z.string().min(1).describe('The key of a trigger.'),
  z.strictObject({
    key: z.string().min(1).describe('The key of a trigger.'),
    input: z
      .record(z.string(), z.unknown())
      .optional()
      .describe('Its fields, as rolecall describe KEY shows them.'),
  }),
]);

const source = z.strictObject({
  type: z.string().min(1).describe('An event source, as rolecall sources lists them.'),
  settings: z
    .record(z.string(), z.unknown())
    .optional()
    .describe('Its settings, as rolecall describe TYPE shows them, without those that are secrets.'),
  secretsEnv: z
    .record(z.string(), variable)
    .optional()
    .describe('The environment variables that hold its secret settings, by setting.'),
});

const connection = z
  .strictObject({
    connection: z
      .string()
      .min(1)
      .optional()
      .describe('A connection that rolecall connect has stored, in place of baseUrl, auth, and parameters.'),
    baseUrl: z
      .string()
      .min(1)
      .optional()
      .describe('The URL of the SCIM service. Without a provider, only the sources are watched.'),
    profile: z.string().min(1).optional().describe('A profile, as rolecall profiles lists them, or a file.'),
    parameters: z
      .record(z.string(), z.string())
      .optional()
      .describe('The parameters of the base URL of the profile.'),
    auth: z.discriminatedUnion('type', [firstMethod, ...otherMethods]).optional(),
    settings: z
      .record(z.string(), z.unknown())
      .optional()
      .describe('Other fields of the connection, such as deadlineInMs.'),
    overlays: z.array(file).optional().describe("Files with the provider's own attributes and triggers."),
    every: duration.optional().describe('The polling interval of this provider.'),
    triggers: z.array(trigger).min(1),
    sources: z.array(source).min(1).optional(),
  })
  .describe('A provider to poll, with the sources whose events it completes, or sources alone.');

const webhook = z.strictObject({
  url: z.string().min(1),
  secretEnv: variable.describe('The signing secret, whsec_…; during rotation two, separated by a space.'),
  allowPlainHttp: z
    .boolean()
    .optional()
    .describe(
      'Also accepts an http URL of another machine in a private network: events can be read in transit. Default: false.',
    ),
  timeoutInMs: z.int().min(1).optional().describe('How long one attempt may take.'),
});

const sink = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('stdout') }).describe('Prints each event as a line of JSON.'),
  z
    .strictObject({
      type: z.literal('file'),
      path: file.describe('Relative to this file. Created if missing.'),
    })
    .describe('Appends each event to a file, as a line of JSON.'),
  webhook
    .extend({ type: z.literal('webhook') })
    .describe('Posts each event, signed according to Standard Webhooks.'),
]);

const name = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9_-]*[a-z0-9])?$/, 'must have lower-case letters, digits, "-", and "_"');

/** The file of `rolecall watch --config`. */
export const watchConfigSchema = z
  .strictObject({
    $schema: z.string().optional(),
    state: file.describe('The file that stores progress. Relative to this file.'),
    every: duration.optional().describe('The polling interval. Default: 60s.'),
    exitOn: z
      .array(z.enum(exitConditions))
      .optional()
      .describe('Lasting failures of polls that end the process, instead of being retried.'),
    connections: z
      .record(name, connection)
      .refine((all) => Object.keys(all).length > 0, 'must have a connection')
      .describe(
        'The providers, by name. The name begins the names of their triggers: workato/user_deprovisioned. The names of default have no beginning.',
      ),
    listen: z
      .strictObject({ port, host })
      .optional()
      .describe('Where sources that push are received, and subscriptions.'),
    subscriptions: z
      .strictObject({
        tokenEnv: variable.describe('The bearer token; during rotation two, separated by a space.'),
        allowPrivateTargets: z
          .boolean()
          .optional()
          .describe(
            'Also posts to URLs in a private network and on this machine, which any subscriber can choose. Default: false.',
          ),
        most: z
          .int()
          .min(1)
          .max(1_000)
          .optional()
          .describe('The largest number of subscriptions. Default: 100.'),
      })
      .optional()
      .describe('Lets others subscribe to events, at /subscriptions of listen.'),
    deadLetterAfter: duration
      .optional()
      .describe(
        'How long a sink can refuse one event, while it accepts others, before the event is a dead letter. Default: 24h.',
      ),
    held: webhook.optional().describe('Receives a notice when the safeguard holds losses.'),
    admin: z
      .strictObject({ port, host })
      .optional()
      .describe('Serves /healthz, /readyz, and /metrics (Prometheus).'),
    healthFile: file.optional().describe('Receives what /readyz shows, every 10 seconds.'),
    sinks: z
      .record(name, sink)
      .refine((all) => Object.keys(all).length > 0, 'must have a sink')
      .optional()
      .describe('Where events go, by name. Default: standard output, or nowhere but to subscriptions.'),
  })
  .describe('What rolecall watch --config runs.');

export type WatchConfig = z.infer<typeof watchConfigSchema>;
