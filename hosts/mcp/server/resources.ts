import {
  type McpServer,
  ProtocolError,
  ProtocolErrorCode,
  type ReadResourceResult,
  ResourceNotFoundError,
  ResourceTemplate,
  type ServerContext,
} from '@modelcontextprotocol/server';
import type { ActionDefinition, ResourceDefinition } from '../../../connector/definition/definition.ts';
import { ConnectorError } from '../../../connector/errors.ts';
import type { Connector } from '../../../runtime/connector.ts';
import { readTextAsset } from '../../kit/read-asset.ts';
import { docPages } from '../docs-resources.ts';
import { unchangingHint } from './cache-hints.ts';
import type { CallLimit } from './call-limit.ts';
import { errorText, readableData } from './tool-result.ts';

/** Registers what a client can attach to a conversation: users and groups by ID, the roles report, and the docs. */
export function registerResources(server: McpServer, connector: Connector, limit: CallLimit): void {
  for (const [type, read] of readActions(connector)) registerType(server, connector, limit, type, read);

  const reportUri = 'scim://reports/roles';
  server.registerResource(
    'roles-report',
    reportUri,
    {
      title: 'Roles report',
      description: 'Who has which role, and what a person should look at. Reads the whole directory.',
      mimeType: 'text/plain',
    },
    (_, context) =>
      readProvider(reportUri, () => limit(context, (options) => connector.reportRoles(options))),
  );

  for (const [name, { title, path }] of Object.entries(docPages)) {
    const uri = `rolecall://docs/${name}`;
    const mimeType = 'text/markdown';
    server.registerResource(`docs-${name}`, uri, { title, mimeType, cacheHint: unchangingHint }, () => ({
      contents: [{ uri, mimeType, text: readTextAsset(path) }],
    }));
  }
}

/** Each resource type, with the action that reads one of it. */
function readActions({
  definition: { actions, resources },
}: Connector): readonly (readonly [ResourceDefinition, ActionDefinition])[] {
  return Object.values(resources).flatMap((type) => {
    const action = actions.find(
      ({ operation }) =>
        operation.type === 'read' && operation.resource === type.name && operation.onMissing === 'fail',
    );
    return action === undefined ? [] : [[type, action] as const];
  });
}

/** `scim://users/{id}`, named after the endpoint. */
function registerType(
  server: McpServer,
  connector: Connector,
  limit: CallLimit,
  { title, endpoint, reference }: ResourceDefinition,
  { key }: ActionDefinition,
): void {
  const name = endpoint.slice(1).toLowerCase();
  server.registerResource(
    name,
    new ResourceTemplate(`scim://${name}/{id}`, { list: undefined }),
    { title, description: `${title} of the directory, by ID.`, mimeType: 'text/plain' },
    (uri, { id }, context: ServerContext) =>
      readProvider(uri.href, () =>
        limit(context, (options) =>
          connector.run(key, { [reference.key]: { id: decoded(uri, String(id)) } }, options),
        ),
      ),
  );
}

/** Data of the provider as a resource. @throws ProtocolError with the code and the next step of a ConnectorError */
async function readProvider(uri: string, read: () => Promise<unknown>): Promise<ReadResourceResult> {
  try {
    return { contents: [{ uri, mimeType: 'text/plain', text: readableData(await read()) }] };
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    if (error.code === 'not_found') throw new ResourceNotFoundError(uri);
    throw new ProtocolError(ProtocolErrorCode.InternalError, errorText(error));
  }
}

/** The ID in a URI. @throws ProtocolError if it is not encoded as a URI is */
function decoded({ href }: URL, id: string): string {
  try {
    return decodeURIComponent(id);
  } catch {
    throw new ResourceNotFoundError(href);
  }
}
