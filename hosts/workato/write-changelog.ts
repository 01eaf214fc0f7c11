import type { ConnectorDefinition } from '../../connector/definition/definition.ts';
import { sourceTriggers } from './event-sources.ts';

/** The changelog: the content of this version, by the keys that recipes depend on. */
export function writeChangelog(definition: ConnectorDefinition, version: string): string {
  const { title, actions, triggers } = definition;
  const list = (entries: readonly { readonly key: string; readonly title: string }[]): string =>
    entries.map(({ key, title: name }) => `- ${name} (\`${key}\`)`).join('\n');
  return `# Changelog of ${title}

The keys of actions, triggers, and fields do not change within a major version.

## ${version}

Actions:

${list(actions)}

Triggers:

${list([...triggers.map(({ key, nounTitle }) => ({ key, title: nounTitle })), ...sourceTriggers(definition)])}
`;
}
