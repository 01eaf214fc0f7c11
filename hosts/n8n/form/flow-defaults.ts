import type { ActionDefinition } from '../../../connector/definition/definition.ts';
import type { OperationType } from '../../../connector/manifest/operation.zod.ts';

/** Fields whose value comes from the workflow: all items of the run, or the plan of the node before. */
const expressions: Readonly<Partial<Record<OperationType, Readonly<Record<string, string>>>>> = {
  plan: { users: '={{ $input.all().map(({ json }) => json) }}' },
  apply: { plan: '={{ $json.plan }}' },
};

/** The default of a field that comes from the workflow; undefined for all others. */
export function flowDefault({ operation }: ActionDefinition, key: string): string | undefined {
  return expressions[operation.type]?.[key];
}
