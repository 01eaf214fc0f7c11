import { ConnectorError } from '../connector/errors.ts';
import type { Overlay } from '../connector/manifest/manifest.zod.ts';
import { overlayOfProvider, type ProviderSchemas } from '../connector/manifest/overlay-of-provider.ts';
import type { Connector } from './create-connector.ts';
import { loadManifest } from './load-manifest.ts';

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
  const action = connector.definition.actions.find(({ operation }) => operation.type === 'discover');
  if (action === undefined) {
    throw new ConnectorError('unsupported', {
      what: 'The manifest has no action that discovers a provider.',
      nextStep: 'Declare one, with the operation "discover".',
    });
  }
  const found = (await connector.run(action.key, {})) as ProviderSchemas;
  return overlayOfProvider(loadManifest(overlays).manifest, found);
}
