import type { ConnectorDefinition, TriggerDefinition } from '../connector/definition/definition.ts';
import { ConnectorError, invalidInput } from '../connector/errors.ts';
import { readInput, type Values } from '../connector/read-input.ts';
import { didYouMean } from '../schemas/did-you-mean.ts';

/** Finds a trigger, and validates its input. @throws ConnectorError `invalid_input` */
export function prepareTrigger(
  { triggers }: ConnectorDefinition,
  key: string,
  input: unknown,
): { readonly trigger: TriggerDefinition; readonly input: Values } {
  const trigger = triggers.find((one) => one.key === key);
  if (trigger === undefined)
    throw notDeclared(
      'trigger',
      key,
      triggers.map((one) => one.key),
    );
  return { trigger, input: readInput(trigger.input, input) };
}

/** The error of a key that the manifest does not declare. */
export function notDeclared(
  kind: 'action' | 'trigger' | 'source' | 'source that pushes',
  key: string,
  known: readonly string[],
): ConnectorError {
  const hint = didYouMean(key, known) || ` (known: ${known.join(', ')})`;
  return invalidInput([{ path: '', message: `unknown ${kind} "${key}"${hint}` }]);
}

/** The key of the action that reads a provider's own schemas. @throws ConnectorError `unsupported` */
export function discoverKey({ actions }: ConnectorDefinition): string {
  const action = actions.find(({ operation }) => operation.type === 'discover');
  if (action !== undefined) return action.key;
  throw new ConnectorError('unsupported', {
    what: 'The manifest declares no action that discovers the provider.',
    nextStep: 'Declare an action with the operation "discover".',
  });
}
