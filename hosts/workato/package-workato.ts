import type {
  ActionDefinition,
  ConnectorDefinition,
  TriggerDefinition,
} from '../../connector/definition/definition.ts';
import type { PackageContext, PackageFiles } from '../kit/packager.ts';
import { readAsset } from '../kit/read-asset.ts';
import { inputWithFieldNames } from './field-names.ts';
import { writeChangelog } from './write-changelog.ts';
import { writeConnector } from './write-connector.ts';
import { writeReadme } from './write-readme.ts';
import { writeRecipes } from './write-recipes.ts';

/** Files that do not depend on the definition, by their path in the package. */
const fixed: Readonly<Record<string, string>> = {
  'logo.svg': 'logo.svg',
  // Workato's documentation requires a PNG or JPEG of any size. This one is sharp wherever it is shown.
  'logo.png': 'logo.png',
  Gemfile: 'Gemfile',
  '.rspec': 'rspec',
  '.rubocop.yml': 'rubocop.yml',
  'spec/spec_helper.rb': 'spec/spec_helper.rb',
  'spec/connector_spec.rb': 'spec/connector_spec.rb',
};

/** Creates a custom connector for Workato's Connector SDK, with everything that its Community library page needs. */
export function packageWorkato(
  definition: ConnectorDefinition,
  { version }: Pick<PackageContext, 'version'>,
): PackageFiles {
  return new Map<string, string | Uint8Array>([
    ['connector.rb', writeConnector(definition)],
    ['README.md', writeReadme(definition)],
    ['CHANGELOG.md', writeChangelog(definition, version)],
    ['RECIPES.md', writeRecipes(definition)],
    ['spec/samples.json', writeSamples(definition)],
    ...Object.entries(fixed).map(
      ([place, file]) => [place, readAsset(`hosts/workato/files/${file}`)] as const,
    ),
  ]);
}

/** A working input for each action and trigger, for the specs. */
function writeSamples({ actions, triggers }: ConnectorDefinition): string {
  const inputs = (entries: readonly (ActionDefinition | TriggerDefinition)[]): object =>
    Object.fromEntries(
      entries.map(({ key, input, sampleInput }) => [key, inputWithFieldNames(input, sampleInput)]),
    );
  return `${JSON.stringify({ actions: inputs(actions), triggers: inputs(triggers) }, null, 2)}\n`;
}
