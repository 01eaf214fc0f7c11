import type { Overlay } from '../connector/manifest/manifest.zod.ts';
import { overlayOfProvider, type ProviderSchemas } from '../connector/manifest/overlay-of-provider.ts';
import type { Connector } from './create-connector.ts';
import { loadManifest } from './load-manifest.ts';
import { discoverKey } from './prepare.ts';

/**
 * Asks a provider for its own schemas, and makes an overlay of the extensions that are not in the manifest:
 * `createConnector({ …, overlays: [await discoverOverlay(connector)] })` then knows their attributes as fields.
 *
 * @param overlays those that the connector was made with.
 * @throws ConnectorError
 */
export async function discoverOverlay(
  connector: Connector,
  overlays: readonly unknown[] = [],
): Promise<Overlay> {
  const found = (await connector.run(discoverKey(connector.definition), {})) as ProviderSchemas;
  return overlayOfProvider(loadManifest(overlays).manifest, found);
}
