import type { ConnectorDefinition } from '../../connector/definition/definition.ts';

/** The changelog: what this version has, by the names that recipes hold on to. */
export function writeChangelog({ title, actions, triggers }: ConnectorDefinition, version: string): string {
  const list = (entries: readonly { readonly key: string; readonly title: string }[]): string =>
    entries.map(({ key, title: name }) => `- ${name} (\`${key}\`)`).join('\n');
  return `# Changelog of ${title}

The keys of actions, triggers and fields never change within a major version.

## ${version}

Actions:

${list(actions)}

Triggers:

${list(triggers)}
`;
}
