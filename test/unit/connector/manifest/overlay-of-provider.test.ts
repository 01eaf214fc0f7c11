import { expect, it } from 'vitest';
import { compileManifest } from '../../../../connector/definition/compile-manifest.ts';
import { applyOverlay } from '../../../../connector/manifest/apply-overlay.ts';
import { overlayOfProvider } from '../../../../connector/manifest/overlay-of-provider.ts';
import { loadManifest } from '../../../../runtime/load-manifest.ts';

const user = 'urn:ietf:params:scim:schemas:core:2.0:User';

const extension = (id: string, name: string, ...attributes: readonly string[]) => ({
  id,
  name,
  attributes: attributes.map((attribute) => ({ name: attribute, type: 'string', multiValued: false })),
});

it("adds the provider's attributes under unique names, whatever they are called", () => {
  const schemas = [
    extension('urn:a:User', 'Acme', 'user', 'limit', 'title', 'constructor', 'badge', '1st'),
    extension('urn:b:User', 'Acme', 'badge', 'Acme_badge'),
    extension('urn:c:User', 'Acme', 'badge'),
    extension('urn:d:User', '', 'badge'),
  ];
  const declaration = loadManifest();
  const overlay = overlayOfProvider(declaration.manifest, {
    resourceTypes: [{ schema: user, schemaExtensions: schemas.map(({ id }) => ({ schema: id })) }],
    schemas,
  });
  const keys = overlay.resources?.User?.fields?.map(({ key }) => key) ?? [];

  expect(keys).toHaveLength(10);
  expect(new Set(keys).size).toBe(10);
  expect(keys).toContain('constructor');
  const { actions } = compileManifest(applyOverlay(declaration, overlay));
  const fields = actions.find(({ key }) => key === 'update_user')?.fields ?? [];
  expect(keys.filter((key) => !fields.some((field) => field.key === key))).toEqual([]);
});
