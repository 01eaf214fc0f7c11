import type { ActionDefinition } from '../../connector/definition/definition.ts';
import { shortInput, shortOutput, type ToolSchema } from './short-schema.ts';

/** A tool, as a list of tools shows it. */
export interface ToolDescription {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly inputSchema: ToolSchema;
  readonly outputSchema: ToolSchema;
  readonly annotations: ToolHints;
}

/** What a client may assume about a tool. The other hints say nothing about a tool that changes nothing. */
export interface ToolHints {
  readonly readOnlyHint: boolean;
  readonly destructiveHint?: boolean;
  readonly idempotentHint?: boolean;
}

/** The tool of an action: its key is the name, and its declared traits are the hints. */
export function toolOfAction(action: ActionDefinition): ToolDescription {
  const { key, title, description, effect, idempotent } = action;
  return {
    name: key,
    title,
    description,
    inputSchema: shortInput(action),
    outputSchema: shortOutput(action),
    annotations:
      effect === 'read'
        ? { readOnlyHint: true }
        : {
            readOnlyHint: false,
            destructiveHint: effect === 'destructive',
            idempotentHint: idempotent,
          },
  };
}
