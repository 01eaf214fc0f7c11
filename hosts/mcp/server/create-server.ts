import { McpServer, type McpServerFactory } from '@modelcontextprotocol/server';
import type { Connector } from '../../../runtime/connector.ts';
import { toolOfAction } from '../tool-of-action.ts';
import { isInToolset, type ToolsetName } from '../toolsets.ts';
import { instructions, type StartWords } from '../words.ts';
import { cacheHints } from './cache-hints.ts';
import { createCallLimit } from './call-limit.ts';
import { createCallLog } from './call-log.ts';
import { createConfirmation } from './confirm.ts';
import { createHostTools } from './host-tools.ts';
import { createKeptPlans } from './kept-plans.ts';
import { registerPrompts } from './register-prompts.ts';
import { registerResources } from './resources.ts';
import { type Calls, runAction } from './run-action.ts';
import { acceptAnything, shownSchema } from './schemas.ts';
import { wordedConnector } from './worded-connector.ts';

/** What a server offers, and to whom it is connected. */
export interface ServerSettings {
  readonly connector: Connector;
  readonly toolset: ToolsetName;
  /** Whether changes that remove access run without a person if the client cannot ask one. */
  readonly allowsDestructive: boolean;
  /** The longest time of one call: less than clients wait, so that they learn what was done. */
  readonly maxCallInMs: number;
  /** What a person changes where this server was started. */
  readonly words: StartWords;
  /** The version of this package. */
  readonly version: string;
}

/** What a server offers stays the same while it runs. */
const unchanging = { listChanged: false };
const capabilities = { tools: unchanging, resources: unchanging, prompts: unchanging };

/** Creates the servers of all connections. The same server serves clients of both eras of the protocol. */
export function createServerFactory(settings: ServerSettings): McpServerFactory {
  const { toolset, allowsDestructive, maxCallInMs, words, version } = settings;
  const connector = wordedConnector(settings.connector, words);
  const { name, title, actions } = connector.definition;
  const offered = actions.filter((action) => isInToolset(action, toolset));
  const confirmation = createConfirmation(connector, allowsDestructive, words);
  const calls: Calls = {
    limit: createCallLimit(maxCallInMs, words),
    log: createCallLog(connector.definition),
    plans: createKeptPlans(),
  };
  const actionTools = offered.map((action) => ({ action, ...withSchemas(toolOfAction(action)) }));
  const hostTools = createHostTools(connector, offered, calls).map(withSchemas);

  return () => {
    const server = new McpServer(
      { name, title, version },
      {
        instructions,
        capabilities,
        cacheHints,
        jsonSchemaValidator: acceptAnything,
        requestState: { verify: confirmation.verify },
      },
    );
    for (const { name: key, call, ...tool } of hostTools) server.registerTool(key, tool, call);
    for (const { action, name: key, ...tool } of actionTools)
      server.registerTool(key, tool, (input, context) =>
        runAction(connector, confirmation, calls, { action, input, server, context }),
      );
    registerResources(server, connector, calls.limit);
    registerPrompts(server);
    return server;
  };
}

function withSchemas<Tool extends { readonly inputSchema: object; readonly outputSchema: object }>(
  tool: Tool,
): Omit<Tool, 'inputSchema' | 'outputSchema'> &
  Readonly<Record<'inputSchema' | 'outputSchema', ReturnType<typeof shownSchema>>> {
  return {
    ...tool,
    inputSchema: shownSchema(tool.inputSchema),
    outputSchema: shownSchema(tool.outputSchema),
  };
}
