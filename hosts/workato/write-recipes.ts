import type { ConnectorDefinition } from '../../connector/definition/definition.ts';
import { inputWithFieldNames } from './field-names.ts';
import { type RecipeStep, recipeFlows } from './recipe-flows.ts';

/** The most common recipes: their steps, and the input of each. */
export function writeRecipes(definition: ConnectorDefinition): string {
  const flows = recipeFlows(definition).map(
    ({ title, steps }) =>
      `## ${title}\n\n${steps.map((step, index) => `${index + 1}. ${describe(step, definition)}`).join('\n')}\n`,
  );
  return `# Example recipes for ${definition.title}\n\n${flows.join('\n')}`;
}

function describe(step: RecipeStep, { title }: ConnectorDefinition): string {
  if (step.kind === 'other') return `${step.what}.`;
  const { entry, why } = step;
  const sample = JSON.stringify(inputWithFieldNames(entry.input, entry.sampleInput));
  return `**${'nounTitle' in entry ? entry.nounTitle : entry.title}** in ${title} (\`${entry.key}\`). ${why}
   Sample input: \`${sample}\``;
}
