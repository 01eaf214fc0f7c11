import { type McpServer, ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';
import { ConnectorError } from '../../../connector/errors.ts';
import { readInput } from '../../../connector/read-input.ts';
import type { JsonSchema } from '../../../schemas/json-schema.ts';
import { prompts } from '../prompts.ts';
import { escapeMarks } from '../provider-data.ts';
import { shownSchema } from './schemas.ts';

/** Registers the prompts. */
export function registerPrompts(server: McpServer): void {
  for (const { name, title, description, arguments: schema, text } of prompts)
    server.registerPrompt(name, { title, description, argsSchema: shownSchema(schema) }, (given) => ({
      messages: [{ role: 'user', content: { type: 'text', text: text(readArguments(schema, given)) } }],
    }));
}

/** The arguments of a prompt. @throws ProtocolError which says what is wrong with them */
function readArguments(schema: JsonSchema, given: unknown): Readonly<Record<string, unknown>> {
  try {
    return readInput(schema, given ?? {});
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    throw new ProtocolError(ProtocolErrorCode.InvalidParams, escapeMarks(error.message));
  }
}
