import type {
  AuthMethodDefinition,
  ConnectorDefinition,
  Field,
  SourceDefinition,
} from '../../connector/definition/definition.ts';
import type { AuthType } from '../../connector/manifest/connection.zod.ts';
import { profiles } from '../../runtime/profiles.ts';
import { markdownTable } from '../kit/markdown-table.ts';
import { methodTitles } from '../kit/provider-choice.ts';
import { authTypeTitle, connectionFields } from './connection-fields.ts';
import { type SourceTrigger, sourceTriggers } from './event-sources.ts';

/** The README, which Workato shows as the description of the connector in the Community library. */
export function writeReadme(definition: ConnectorDefinition): string {
  const { title, description, connection, actions, triggers } = definition;
  return `# ${title}

${description}

## Install

1. Open **Tools > Connector SDK** in your workspace, and create a connector.
2. Paste \`connector.rb\`, or run \`workato push\` in this folder. Upload \`logo.png\` as its logo.
3. Release the version, and create a connection.

## Connection

${fieldTable(connectionFields(definition))}

**${authTypeTitle}** selects how the connection authenticates, and shows the fields of the method. A connection that was created before this field existed uses the first method.

The connection test reads \`/ServiceProviderConfig\`. If the provider does not have it, the test lists one user.
${connection.auth.methods.map(methodSection).join('')}
### Providers

**Provider** can be one of these products. Without it, each job finds the same deviations out again.

${markdownTable(
  ['provider', 'SCIM base URL', 'authentication'],
  profiles.map(({ provider, docs, baseUrl, auth }) => [
    `[${provider}](${docs})`,
    `\`${baseUrl.template}\``,
    methodTitles(definition, auth).join(' or '),
  ]),
)}

## Actions

${markdownTable(
  ['action', 'what it does', 'safe to rerun'],
  actions.map(({ title: name, description: text, idempotent }) => [name, text, idempotent ? 'yes' : 'no']),
)}

Identify a user or group by any value that the recipe has: fill in exactly one of the fields. The provider's own attributes, from its \`/Schemas\`, appear in the forms and datapills, grouped by extension. To remove a value, enter \`clear\` in formula mode.

## Triggers

${markdownTable(
  ['trigger', 'description'],
  [
    ...triggers.map(({ nounTitle: name, description: text }) => [name, text]),
    ...sourceTriggers(definition).map(({ title: name, description: text }) => [name, text]),
  ],
)}

Each polling trigger also has a real-time form, whose polls start when anything calls its webhook, and a batch form, which starts one job for a list of events. Their titles end in "(real-time)" and "(batch)". **New fetched event** has a batch form, too.

Events are delivered at least once, in order per user, with a key by which Workato drops duplicates. If a user is missing from a list, the connector fetches the user by ID, and reports a deletion only if the provider confirms it. If more users would lose access or a role within 24 hours than the safety limit (20, or 10% of all users if that is more), or if more groups or memberships would be removed, no job starts, and the trigger fails with \`mass_change_blocked\` until someone has reviewed it, and has entered the ID from the message under **Approved hold**.

The recipe stores the state of users and groups. A directory that is too large for it, with about 6,000 users or more, is rejected with \`unsupported\`. A scope filter does not change this, but a push source does.
${sourceTriggers(definition).map(sourceSection).join('')}
## Troubleshooting

The error of a job begins with a code and says what to do.

${markdownTable(
  ['code', 'what to do'],
  [
    ['`invalid_input`', 'Correct the fields in the message.'],
    ['`auth`', 'Correct the credentials in the connection: they are wrong, expired, or replaced.'],
    ['`forbidden`', 'Grant the permission or the scope to the account or client of the connection.'],
    ['`not_found`', 'Check the spelling or the ID.'],
    [
      '`conflict`',
      'The name is taken, or matches several resources: use another name, or the ID. Or the user has not accepted an invitation: rerun the job after that.',
    ],
    ['`precondition_failed`', 'The resource has changed: read it again, then decide.'],
    ['`rate_limited`', 'Rerun the job later; the message says when.'],
    ['`unavailable`', 'The provider did not respond: rerun the job later.'],
    [
      '`provider_fault`',
      'The response is not SCIM, or does not show the change: check the base URL, then contact the provider.',
    ],
    [
      '`mass_change_blocked`',
      'Check at the provider whether that much was really removed. The message names whom it affects.',
    ],
    ['`unsupported`', 'The provider or Workato cannot do this: use another action.'],
  ],
)}

The connector retries requests if that is safe. It honors \`Retry-After\`. If the response to a create is lost, it looks the user up before it retries, so no user is created twice.

## Develop

\`\`\`sh
bundle install
bundle exec rspec                                   # the shape of the connector
SCIM_BASE_URL=… SCIM_TOKEN=… bundle exec rspec      # and its behavior, against a test service
bundle exec rubocop
\`\`\`

\`npx rolecall package workato --out DIR\` generates \`connector.rb\`. \`--overlay FILE\` adds a provider's own fields and actions.
`;
}

function sourceSection({ key, title, sources }: SourceTrigger): string {
  return `
### ${title}

${key === 'pushed_event' ? pushedNotes(sources) : fetchedNotes(sources)}
`;
}

function pushedNotes(sources: readonly SourceDefinition[]): string {
  return `${markdownTable(
    ['sender', 'description', 'verification'],
    sources.map(({ type, title, description }) => [title, description, verifiedBy[type] ?? '']),
  )}

1. Select the event source in the trigger. Its help text then shows the URL for the sender.
2. Enter the sender's token in the connection.
3. For security event tokens, paste the content of the issuer's JWKS URL. Paste it again when the issuer rotates its keys, because a webhook cannot fetch them in Workato.

A message that cannot be verified starts no job and shows no error. \`rolecall watch --listen\` with the same settings logs the reason. Workato always responds with 200, although RFC 8935 requires 202. A notice contains no values: read the user with an action.`;
}

function fetchedNotes(sources: readonly SourceDefinition[]): string {
  return `${markdownTable(
    ['log', 'description'],
    sources.map(({ title, description }) => [title, description]),
  )}

1. Select the event source in the trigger, and fill in its settings.
2. Enter its API token or key in the connection.

The first poll starts now, or at the time that you set. Each later poll reports what is new since the last one, and what became visible late. An event that was also pushed has the same \`dedupeKey\`, but Workato drops duplicates only within one recipe.`;
}

const verifiedBy: Readonly<Record<string, string>> = {
  security_event_token: 'The signature, issuer, audience, and age, and a bearer token if you agreed on one.',
  workato_audit_log: 'The token of the stream, or the previous token during rotation.',
};

function fieldTable(fields: readonly Field[]): string {
  return markdownTable(
    ['field', 'required', 'description'],
    fields.map((field) => [field.title, field.required ? 'yes' : 'no', help(field)]),
  );
}

function methodSection({ type, title, help: text, fields }: AuthMethodDefinition): string {
  const notes = notesOf[type];
  return `
### ${title}

${text}

${fieldTable(fields)}
${notes === undefined ? '' : `\n${notes}\n`}`;
}

/** What the form does not say about a method. */
const notesOf: Partial<Readonly<Record<AuthType, string>>> = {
  oauth_client_credentials: `Workato stores the access token in the connection, and all jobs use it. When the provider rejects it with status 401, Workato requests a new one and sends the request again. The first request of a connection has no access token, so the provider must respond to it with 401. Redirects of the token URL are not followed.`,
};

function help({ help: text, default: preset, pickList }: Field): string {
  const shown = pickList?.find(({ value }) => value === preset)?.title ?? preset;
  return shown === undefined ? text : `${text} Default: ${shown}.`;
}
