import type { ConnectorDefinition } from '../../connector/definition/definition.ts';
import type { OperationType } from '../../connector/manifest/operation.zod.ts';
import { withoutOperations } from '../kit/without-operations.ts';

/** The operations that the Ruby runtime does not have yet. */
const missingOperations: readonly OperationType[] = ['plan', 'apply'];

/** The definition as Workato has it: without the actions that the Ruby runtime cannot run. */
export function workatoDefinition(definition: ConnectorDefinition): ConnectorDefinition {
  return withoutOperations(definition, missingOperations);
}
