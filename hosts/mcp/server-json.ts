import type { ConnectorDefinition } from '../../connector/definition/definition.ts';
import { toolsetNames } from './toolsets.ts';

/** The name in the registry, which `mcpName` in package.json confirms. */
const registryName = 'io.github.rolecall/rolecall';

/** The entry of the server in the MCP registry: how to run it from npm. */
export function serverJson({ title, connection }: ConnectorDefinition, version: string): string {
  const baseUrl = connection.fields.find(({ key }) => key === 'baseUrl');
  const [token] = connection.auth.methods[0].fields;
  return `${JSON.stringify(
    {
      $schema: 'https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json',
      name: registryName,
      title: `Rolecall: ${title}`,
      description:
        'Users, groups, and roles of any SCIM 2.0 provider. A person confirms what removes access.',
      repository: { url: 'https://github.com/rolecall/rolecall', source: 'github' },
      websiteUrl: 'https://github.com/rolecall/rolecall/blob/main/docs/hosts/mcp.md',
      version,
      packages: [
        {
          registryType: 'npm',
          registryBaseUrl: 'https://registry.npmjs.org',
          identifier: 'rolecall',
          version,
          runtimeHint: 'npx',
          transport: { type: 'stdio' },
          packageArguments: [
            { type: 'positional', value: 'mcp' },
            {
              type: 'named',
              name: '--tools',
              description: 'The actions to offer.',
              choices: toolsetNames,
              default: 'read-only',
            },
          ],
          environmentVariables: [
            { name: 'SCIM_BASE_URL', description: baseUrl?.help, isRequired: true },
            { name: 'SCIM_TOKEN', description: token?.help, isRequired: true, isSecret: true },
          ],
        },
      ],
    },
    undefined,
    2,
  )}\n`;
}
