import type { McpServer } from '@modelcontextprotocol/server';
import { readInput } from '../../../connector/read-input.ts';
import { prompts } from '../prompts.ts';
import { shownSchema } from './schemas.ts';

/** Registers the prompts. */
export function registerPrompts(server: McpServer): void {
  for (const { name, title, description, arguments: schema, text } of prompts)
    server.registerPrompt(name, { title, description, argsSchema: shownSchema(schema) }, (given) => ({
      messages: [{ role: 'user', content: { type: 'text', text: text(readInput(schema, given ?? {})) } }],
    }));
}
