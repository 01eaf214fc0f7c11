import type { ConnectorDefinition } from '../../connector/definition/definition.ts';
import type { OperationType } from '../../connector/manifest/operation.zod.ts';

/** The definition as a host has it that cannot run some operations: without their actions. */
export function withoutOperations(
  definition: ConnectorDefinition,
  missing: readonly OperationType[],
): ConnectorDefinition {
  return {
    ...definition,
    actions: definition.actions.filter(({ operation }) => !missing.includes(operation.type)),
  };
}
