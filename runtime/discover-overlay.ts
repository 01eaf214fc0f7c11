import type { Overlay } from '../connector/manifest/overlay.zod.ts';
import { overlayOfProvider, type ProviderSchemas } from '../connector/manifest/overlay-of-provider.ts';
import type { Connector } from './connector.ts';
import { loadManifest } from './load-manifest.ts';
import { discoverKey } from './prepare.ts';

/**
 * Reads the schemas of a provider, and makes an overlay of the extensions that are not in the manifest. A connector
 * with this overlay has their attributes as fields.
 *
 * @param connector - the connection to the provider
 * @param overlays - the overlays that the connector was created with
 * @throws ConnectorError
 *
 * @example
 * ```ts
 * const { baseUrl, token } = { baseUrl: 'https://scim.example.com/v2', token: process.env.SCIM_TOKEN ?? '' };
 * const overlay = await discoverOverlay(createConnector({ baseUrl, token }));
 * const extended = createConnector({ baseUrl, token, overlays: [overlay] });
 * ```
 */
export async function discoverOverlay(
  connector: Connector,
  overlays: readonly unknown[] = [],
): Promise<Overlay> {
  const found = (await connector.run(discoverKey(connector.definition), {})) as ProviderSchemas;
  return overlayOfProvider(loadManifest(overlays).manifest, found);
}
