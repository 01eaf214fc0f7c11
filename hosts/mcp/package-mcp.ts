import type { ConnectorDefinition } from '../../connector/definition/definition.ts';
import type { PackageContext, PackageFiles } from '../kit/packager.ts';
import { readAsset, readTextAsset } from '../kit/read-asset.ts';
import { zip } from '../kit/zip.ts';
import { bundlePaths } from './bundle-layout.ts';
import { bundleManifest } from './bundle-manifest.ts';
import { docPages } from './docs-resources.ts';
import { serverJson } from './server-json.ts';

/** What scripts/build-mcp.ts writes. */
const built = 'dist/mcp';

/**
 * Creates a bundle that clients install with one click (MCPB), and the entry of the server in the MCP registry. The code is
 * bundled by scripts/build-mcp.ts; only files that depend on the definition are generated.
 */
export function packageMcp(
  definition: ConnectorDefinition,
  { declaration, version }: PackageContext,
): PackageFiles {
  const docs = Object.values(docPages).map(({ path }) => [path, readTextAsset(path)] as const);
  const bundle: PackageFiles = new Map<string, string | Uint8Array>([
    ['manifest.json', bundleManifest(definition, version)],
    ['package.json', `${JSON.stringify({ name: 'rolecall-mcp', version, private: true, type: 'module' })}\n`],
    [bundlePaths.server, readAsset(`${built}/server.js`)],
    [bundlePaths.declaration, `${JSON.stringify(declaration)}\n`],
    ...docs,
    ['LICENSE', readAsset('LICENSE')],
    ['third-party-licenses.txt', readAsset(`${built}/third-party-licenses.txt`)],
  ]);
  return new Map<string, string | Uint8Array>([
    ['rolecall.mcpb', zip(bundle)],
    ['server.json', serverJson(definition, version)],
  ]);
}
