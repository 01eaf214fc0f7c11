import type { ConnectorDefinition } from '../../connector/definition/definition.ts';
import type { PackageContext, PackageFiles } from '../kit/packager.ts';
import { readAsset, readTextAsset } from '../kit/read-asset.ts';
import { entryFile } from './engine.ts';

const folder = 'hosts/activepieces/package';

/** The framework that the piece is tested with. */
export const frameworkVersion = '0.32.0';

/**
 * Creates a piece for Activepieces. Its code is bundled by scripts/build-host.ts, and reads the declaration when it
 * is loaded, so that an overlay changes only that file.
 */
export function packageActivepieces(
  _: ConnectorDefinition,
  { declaration, version }: PackageContext,
): PackageFiles {
  const logo = Buffer.from(readTextAsset(`${folder}/logo.svg`)).toString('base64');
  return new Map<string, string | Uint8Array>([
    ['package.json', packageJson(version)],
    [entryFile, readAsset(`${folder}/${entryFile}`)],
    ['README.md', readAsset(`${folder}/README.md`)],
    ['LICENSE', readAsset('LICENSE')],
    ['connector/piece.js', readAsset(`${folder}/connector/piece.js`)],
    ['connector/declaration.json', `${JSON.stringify(declaration, null, 2)}\n`],
    ['connector/logo.json', `${JSON.stringify(`data:image/svg+xml;base64,${logo}`)}\n`],
  ]);
}

function packageJson(version: string): string {
  const json = {
    name: 'piece-scim-provisioning',
    version,
    description: 'Create, update, and deprovision users, and react to changes, in any SCIM 2.0 provider',
    license: 'MIT',
    type: 'commonjs',
    main: `./${entryFile}`,
    engines: { node: '>=20' },
    dependencies: { '@activepieces/pieces-framework': frameworkVersion },
  };
  return `${JSON.stringify(json, null, 2)}\n`;
}
