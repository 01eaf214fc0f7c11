import type { ConnectorDefinition } from '../../connector/definition/definition.ts';
import type { PackageContext, PackageFiles } from '../kit/packager.ts';
import { readAsset } from '../kit/read-asset.ts';

const folder = 'hosts/zapier/package';

/** The version of Zapier's platform that the app is tested with. Each version of an app runs on one of them. */
export const platformVersion = '19.1.0';

/**
 * Creates an app for Zapier's Platform CLI. Its code is bundled by scripts/build-host.ts, and reads the declaration
 * when Zapier starts it, so that an overlay changes only that file.
 */
export function packageZapier(
  _: ConnectorDefinition,
  { declaration, version }: PackageContext,
): PackageFiles {
  return new Map<string, string | Uint8Array>([
    ['package.json', packageJson(version)],
    // Zapier's command line uploads the sources, except for what is ignored.
    ['.gitignore', 'node_modules/\nbuild/\n.env\n'],
    ['index.js', readAsset(`${folder}/index.js`)],
    ['README.md', readAsset(`${folder}/README.md`)],
    ['LICENSE', readAsset('LICENSE')],
    ['connector/app.js', readAsset(`${folder}/connector/app.js`)],
    ['connector/declaration.json', `${JSON.stringify(declaration, null, 2)}\n`],
  ]);
}

function packageJson(version: string): string {
  const json = {
    name: 'scim-provisioning-for-zapier',
    version,
    description: 'Create, update, and deprovision users, and react to changes, in any SCIM 2.0 provider',
    private: true,
    license: 'MIT',
    type: 'module',
    exports: './index.js',
    engines: { node: '>=22' },
    dependencies: { 'zapier-platform-core': platformVersion },
  };
  return `${JSON.stringify(json, null, 2)}\n`;
}
