import type {
  ActionDefinition,
  ConnectorDefinition,
  TriggerDefinition,
} from '../connector/definition/definition.ts';
import { ConnectorError, invalidInput } from '../connector/errors.ts';
import { readInput, type Values } from '../connector/read-input.ts';
import { didYouMean } from '../schemas/did-you-mean.ts';

/** Finds a trigger, and validates its input. @throws ConnectorError `invalid_input` */
export function prepareTrigger(
  definition: ConnectorDefinition,
  key: string,
  input: unknown,
): { readonly trigger: TriggerDefinition; readonly input: Values } {
  const trigger = triggerNamed(definition, key);
  return { trigger, input: readInput(trigger.input, input) };
}

/** The trigger with a key. @throws ConnectorError `invalid_input` */
export function triggerNamed({ triggers }: ConnectorDefinition, key: string): TriggerDefinition {
  return declared('trigger', triggers, key);
}

/** The action with a key. @throws ConnectorError `invalid_input` */
export function actionNamed({ actions }: ConnectorDefinition, key: string): ActionDefinition {
  return declared('action', actions, key);
}

function declared<Declared extends { readonly key: string }>(
  kind: 'action' | 'trigger',
  all: readonly Declared[],
  key: string,
): Declared {
  const found = all.find((one) => one.key === key);
  if (found !== undefined) return found;
  throw notDeclared(
    kind,
    key,
    all.map((one) => one.key),
  );
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
