import type { ConnectorDefinition, Field } from '../../connector/definition/definition.ts';
import {
  bundleFields,
  bundlePaths,
  callTimeoutInSeconds,
  settingVariables,
  variableOf,
} from './bundle-layout.ts';
import { defaultMaxCallInMs } from './call-time.ts';
import { defaultToolset, isInToolset, toolsetNames, toolsets } from './toolsets.ts';
import { bundleTitles, hostTools } from './words.ts';

const project = {
  author: { name: 'The Rolecall authors', url: 'https://github.com/rolecall/rolecall' },
  repository: { type: 'git', url: 'https://github.com/rolecall/rolecall' },
  homepage: 'https://github.com/rolecall/rolecall#readme',
  documentation: 'https://github.com/rolecall/rolecall/blob/main/docs/hosts/mcp.md',
  support: 'https://github.com/rolecall/rolecall/issues',
  license: 'MIT',
} as const;

/** The manifest of a bundle (MCPB 0.3): how a client starts the server, and what it asks the person for. */
export function bundleManifest(definition: ConnectorDefinition, version: string): string {
  const { title, description, actions } = definition;
  const fields = bundleFields(definition);
  const described = Object.values(hostTools).map(({ name, description: text }) => ({
    name,
    description: text,
  }));
  const offered = actions.filter((action) => isInToolset(action, defaultToolset));
  const config = (key: string): string => `\${user_config.${key}}`;
  return `${JSON.stringify(
    {
      manifest_version: '0.3',
      name: 'rolecall',
      display_name: `Rolecall: ${title}`,
      version,
      description,
      ...project,
      keywords: ['scim', 'provisioning', 'identity'],
      server: {
        type: 'node',
        entry_point: bundlePaths.server,
        mcp_config: {
          command: 'node',
          args: [`\${__dirname}/${bundlePaths.server}`],
          env: {
            ...Object.fromEntries(fields.map(({ key }) => [variableOf(key), config(key)])),
            [settingVariables.tools]: config('tools'),
            [settingVariables.allowDestructive]: config('allowDestructive'),
            [settingVariables.callTimeout]: config('callTimeout'),
          },
        },
      },
      tools: [
        ...described,
        ...offered.map(({ key, description: text }) => ({ name: key, description: text })),
      ],
      // Other toolsets have more.
      tools_generated: true,
      prompts_generated: true,
      compatibility: { runtimes: { node: '>=22.19.0' } },
      user_config: {
        ...Object.fromEntries(fields.map((field) => [field.key, configOf(field)])),
        tools: {
          type: 'string',
          title: bundleTitles.tools,
          description: `Actions to offer: ${toolsetNames.map((name) => `${name} (${toolsets[name]})`).join(', ')}.`,
          default: defaultToolset,
        },
        allowDestructive: {
          type: 'boolean',
          title: bundleTitles.allowDestructive,
          description:
            'Whether changes that remove access run without a confirmation if the client cannot ask a person.',
          default: false,
        },
        callTimeout: {
          type: 'number',
          title: bundleTitles.callTimeout,
          description:
            'A call ends after this time, and reports what was done. It must be less than the client waits.',
          ...callTimeoutInSeconds,
          default: defaultMaxCallInMs / 1000,
        },
      },
    },
    undefined,
    2,
  )}\n`;
}

function configOf({ title, help, required, secret, default: value }: Field): object {
  return {
    type: 'string',
    title,
    description: help,
    required,
    ...(secret && { sensitive: true }),
    ...(value !== undefined && { default: String(value) }),
  };
}
