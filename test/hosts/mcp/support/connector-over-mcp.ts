import type { Client } from '@modelcontextprotocol/client';
import { ConnectorError, type ErrorCode } from '../../../../connector/errors.ts';
import type { Connector } from '../../../../runtime/index.ts';
import { call, dataOf, type Era } from './open-client.ts';

/** A connector whose actions run through an MCP client, for scenarios that were written for the library. */
export function connectorOverMcp(connector: Connector, client: Client, era: Era): Connector {
  const actions = Object.fromEntries(
    connector.definition.actions.map(({ key, nullable }) => [
      key,
      async (input: object, options: { readonly dryRun?: boolean } = {}) => {
        const isPreview = options.dryRun === true;
        const result = isPreview
          ? await call(client, 'preview_action', { action: key, input })
          : await call(client, key, input);
        if (result.isError === true) throw errorOf(dataOf(result));
        const output: unknown = result.structuredContent;
        // Before 2026, only an object could be an output.
        return era === '2025' && nullable && !isPreview ? (output as { result: unknown }).result : output;
      },
    ]),
  );
  return { ...connector, actions: actions as unknown as Connector['actions'] };
}

function errorOf(data: unknown): ConnectorError {
  const { code, message, nextStep, ...parts } = data as ConnectorError;
  return new ConnectorError(code satisfies ErrorCode, {
    ...parts,
    nextStep,
    what: message.slice(0, -nextStep.length - 1),
  });
}
