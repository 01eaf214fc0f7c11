import type { ActionDefinition, ConnectorDefinition } from '../../../connector/definition/definition.ts';
import { ConnectorError } from '../../../connector/errors.ts';
import { flowDefault } from '../form/flow-defaults.ts';
import { errorParts } from './error-parts.ts';
import type { N8nFunctions } from './n8n-functions.ts';
import type { ItemResult } from './run-items.ts';

/** Whether an AI agent calls the node: a node that is used as a tool has the type `scimTool` in n8n. */
export function isTool(functions: Pick<N8nFunctions, 'getNode'>): boolean {
  return functions.getNode().type.endsWith('Tool');
}

/**
 * Rejects a tool with a parameter that reads the items of the workflow: a tool has none, and without users, a plan would
 * deactivate everyone.
 *
 * @throws ConnectorError `invalid_input`
 */
export function requireModelInput(action: ActionDefinition, functions: Pick<N8nFunctions, 'getNode'>): void {
  const { parameters = {} } = functions.getNode();
  for (const { key, title, kind } of action.fields) {
    const preset = flowDefault(action, key);
    if (preset === undefined || (parameters[key] ?? preset) !== preset) continue;
    const type = kind === 'objects' ? 'json' : 'string';
    throw new ConnectorError('invalid_input', {
      what: `\`${key}\` reads the items of a workflow, and a tool has none.`,
      nextStep: `Let the model define it: enter the expression {{ $fromAI('${key}', '${title}', '${type}') }}.`,
    });
  }
}

/**
 * The result of an action for an AI agent, which reads items only. n8n passes an error on as an empty text, and no
 * items as an empty list, so that a model mistakes a failed action for done: both become an item that says what happened.
 */
export function toolResult(
  { resources }: ConnectorDefinition,
  { effect, operation }: ActionDefinition,
  { outputs, error }: ItemResult,
): ItemResult {
  if (error !== undefined) {
    const { message = error.message, description, data } = errorParts(error);
    return {
      outputs: [
        {
          error: message,
          ...(description !== undefined && { nextStep: description }),
          ...(data !== error && { details: data }),
        },
      ],
    };
  }
  const isFound = outputs.some((output) => Object.keys(output).length > 0);
  if (isFound || effect !== 'read') return { outputs };
  const resource = 'resource' in operation ? resources[operation.resource] : undefined;
  return {
    outputs: [{ found: false, message: `No ${resource?.title.toLowerCase() ?? 'resource'} matches.` }],
  };
}
