import type { ActionDefinition } from '../../connector/definition/definition.ts';
import type { JsonSchema } from '../../schemas/json-schema.ts';

/** An action with everything that a list of tools leaves out. */
export function describeAction(
  action: ActionDefinition,
  offered: readonly ActionDefinition[],
): Readonly<Record<string, unknown>> {
  const { key, title, description, effect, idempotent, input, output, sampleInput, sample } = action;
  return {
    key,
    title,
    description,
    effect,
    idempotent,
    isOffered: offered.includes(action),
    input: withoutTypeNames(input),
    output: withoutTypeNames(output),
    sampleInput,
    sample,
  };
}

/** All actions in one line each, and whether this server offers them. */
export function listActions(
  actions: readonly ActionDefinition[],
  offered: readonly ActionDefinition[],
): readonly Readonly<Record<string, unknown>>[] {
  return actions.map((action) => {
    const { key, description, effect } = action;
    return { key, description, effect, isOffered: offered.includes(action) };
  });
}

/** The schema without the names of generated TypeScript types. */
function withoutTypeNames(schema: JsonSchema): unknown {
  return JSON.parse(JSON.stringify(schema, (key, value) => (key === 'x-name' ? undefined : value)));
}
