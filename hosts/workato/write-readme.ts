import type { ConnectorDefinition, Field } from '../../connector/definition/definition.ts';
import { connectionFields } from './connection-fields.ts';
import { table } from './markdown.ts';
import { hasPushedEvent, pushedEventDescription, pushedEventTitle, pushedSources } from './pushed-sources.ts';

/** The README, which Workato shows as the description of the connector in the Community library. */
export function writeReadme(definition: ConnectorDefinition): string {
  const { title, description, actions, triggers } = definition;
  return `# ${title}

${description}

## Install

1. Open **Tools > Connector SDK** in your workspace, and create a connector.
2. Paste \`connector.rb\`, or run \`workato push\` in this folder. Upload \`logo.png\` as its logo.
3. Release the version, and create a connection.

## Connection

${table(
  ['field', 'required', 'what it is'],
  connectionFields(definition).map((field) => [field.title, field.required ? 'yes' : 'no', help(field)]),
)}

The test reads \`/ServiceProviderConfig\`; where the provider has none, it lists one user.

## Actions

${table(
  ['action', 'what it does', 'safe to repeat'],
  actions.map(({ title: name, description: text, idempotent }) => [name, text, idempotent ? 'yes' : 'no']),
)}

A user or group is named by whatever the recipe has: fill in exactly one of the ways. Fields of the provider's own, from its \`/Schemas\`, appear in the forms and among the datapills, grouped by extension. To take a value away, enter \`clear\` in formula mode.

## Triggers

${table(
  ['trigger', 'what starts it'],
  [
    ...triggers.map(({ title: name, description: text }) => [name, text]),
    ...(hasPushedEvent(definition) ? [[pushedEventTitle, pushedEventDescription]] : []),
  ],
)}

Events come at least once, in order for each user, each with a key that Workato drops repeats by. A user who is missing from a list only counts as deleted when the provider, asked by id, says so. When more users would lose access at once than the limit (20, or 10 % of all if that is more), no job starts, and the trigger fails with \`mass_change_blocked\` until somebody has looked.

What has to be remembered of users and groups is kept with the recipe. A directory too large for that, of some six thousand people, is refused with \`unsupported\`; a narrower trigger does not change that, a push source does.
${pushed(definition)}
## When something goes wrong

A job's error begins with a code, and says what to do.

${table(
  ['code', 'what to do'],
  [
    ['`invalid_input`', 'Mend the input: the sentence names the field.'],
    ['`auth`', 'Renew the token in the connection.'],
    ['`forbidden`', 'Give the token the right, or ask somebody who has it.'],
    ['`not_found`', 'Check the name or id.'],
    ['`conflict`', 'Something else is in the way: a name that is taken, or that fits two.'],
    ['`precondition_failed`', 'Read it again: it has been changed since.'],
    ['`rate_limited`', 'Run the job again later; the sentence says when.'],
    ['`unavailable`', 'The provider could not be reached. Run the job again later.'],
    ['`provider_fault`', 'The answer was not SCIM. Check the base URL, and ask the provider.'],
    ['`mass_change_blocked`', 'See at the provider whether so many have really left.'],
    ['`unsupported`', 'The provider cannot do this: use another action.'],
  ],
)}

Requests are repeated where that is safe: \`Retry-After\` is respected, and a create whose answer was lost is looked up before it is sent again. No user is made twice.

## Develop

\`\`\`sh
bundle install
bundle exec rspec                                   # the shape of the connector
SCIM_BASE_URL=… SCIM_TOKEN=… bundle exec rspec      # and what it does, on a service that does not matter
bundle exec rubocop
\`\`\`

\`connector.rb\` is made by \`npx rolecall package workato --out DIR\`. An overlay with a provider's own fields and actions is given with \`--overlay FILE\`.
`;
}

function pushed(definition: ConnectorDefinition): string {
  if (!hasPushedEvent(definition)) return '';
  return `
### ${pushedEventTitle}

${table(
  ['sent by', 'what it is', 'how it is verified'],
  pushedSources(definition).map(({ type, title, description }) => [
    title,
    description,
    verifiedBy[type] ?? '',
  ]),
)}

1. Choose the sender in the trigger. Its help then shows the address that the sender has to send to.
2. Put the token that the sender shows into the connection.
3. For security event tokens, paste what the issuer's JWKS address shows, and paste it anew when its keys change: Workato lets a webhook fetch nothing.

What is not verified starts no job, and no error either. To see why, give the message to the trigger under **Test code**: the console says it. Workato answers a sender with 200 whatever came, where RFC 8935 has 202, and a notice stays without the values that its sender did not tell: read the user with an action.
`;
}

const verifiedBy: Readonly<Record<string, string>> = {
  security_event_token:
    'Its signature, issuer, audience and age; a bearer token as well, where one is agreed.',
  workato_audit_log:
    'The token that the stream shows; the one before it counts as well while it is being changed.',
};

function help({ help: text, default: preset }: Field): string {
  return preset === undefined ? text : `${text} Left out: ${preset}.`;
}
