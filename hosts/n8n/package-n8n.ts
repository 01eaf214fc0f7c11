import type { ConnectorDefinition } from '../../connector/definition/definition.ts';
import type { PackageContext, PackageFiles } from '../kit/packager.ts';
import { listAssets, readAsset } from '../kit/read-asset.ts';
import { packageJson } from './codegen/package-json.ts';
import { compiledDefinition } from './codegen/package-sources.ts';

const folder = 'hosts/n8n/package';
const built = `${folder}/dist`;
const icons = `${folder}/icons`;

/**
 * Creates a community node package for n8n with the content of its tarball, and the workflow that publishes it. The code is
 * compiled by scripts/build-n8n.ts; only files that depend on the definition are regenerated.
 */
export function packageN8n(
  definition: ConnectorDefinition,
  { declaration, version }: PackageContext,
): PackageFiles {
  return new Map<string, string | Uint8Array>([
    ['package.json', packageJson(version)],
    ['README.md', readAsset(`${folder}/README.md`)],
    ['LICENSE.md', readAsset('LICENSE')],
    ['.github/workflows/publish.yml', readAsset(`${folder}/publish.yml`)],
    ...listAssets(built).map((path) => [`dist/${path}`, readAsset(`${built}/${path}`)] as const),
    ...listAssets(icons).map((path) => [`dist/icons/${path}`, readAsset(`${icons}/${path}`)] as const),
    ...[...compiledDefinition(declaration, definition)].map(
      ([path, text]) => [`dist/${path}`, text] as const,
    ),
  ]);
}
