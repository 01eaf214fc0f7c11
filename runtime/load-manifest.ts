import type { ManifestBundle } from '../connector/manifest/apply-overlay.ts';
import { applyOverlay } from '../connector/manifest/apply-overlay.ts';
import { parseManifest, parseOverlay } from '../connector/manifest/parse-manifest.zod.ts';
import manifest from '../manifest.json' with { type: 'json' };
import common from '../schemas/scim/Common.json' with { type: 'json' };
import enterpriseUser from '../schemas/scim/EnterpriseUser.json' with { type: 'json' };
import group from '../schemas/scim/Group.json' with { type: 'json' };
import user from '../schemas/scim/User.json' with { type: 'json' };
import workatoRole from '../schemas/scim/WorkatoRole.json' with { type: 'json' };
import type { ScimSchema } from '../schemas/scim-schema.ts';

const schemas = [common, user, enterpriseUser, group, workatoRole] as readonly ScimSchema[];

/**
 * Loads the manifest of this package with its schemas, and applies the given overlays in order.
 *
 * @throws ManifestError with the problems of an overlay
 */
export function loadManifest(overlays: readonly unknown[] = []): ManifestBundle {
  return overlays
    .map((overlay, index) =>
      parseOverlay(overlay, overlays.length === 1 ? 'The overlay' : `Overlay ${index + 1}`),
    )
    .reduce(applyOverlay, { manifest: parseManifest(manifest), schemas });
}
