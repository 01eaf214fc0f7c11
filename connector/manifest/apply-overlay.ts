import type { ScimSchema } from '../../schemas/scim-schema.ts';
import type { Manifest } from './manifest.zod.ts';
import { ManifestError } from './manifest-error.ts';
import type { Overlay } from './overlay.zod.ts';
import type { Profile } from './profile.zod.ts';

/** A manifest and the SCIM schemas of its attributes. */
export interface ManifestBundle {
  readonly manifest: Manifest;
  readonly schemas: readonly ScimSchema[];
  /** The profile of the provider; undefined without one. */
  readonly profile?: Profile | undefined;
}

/**
 * Applies an overlay to a manifest: its schemas, extensions, fields, actions, and triggers are appended to the existing ones, and
 * its pick-lists replace those with the same name, and so does its profile. Nothing else in the manifest changes.
 *
 * @throws ManifestError if the overlay redeclares an action or a trigger, or names an unknown resource.
 */
export function applyOverlay(
  { manifest, schemas, profile }: ManifestBundle,
  overlay: Overlay,
): ManifestBundle {
  const { actions = [], triggers = [], resources = {}, pickLists = {}, attributeTitles = {} } = overlay;
  const taken = [
    ...actions
      .filter(({ key }) => manifest.actions.some((action) => action.key === key))
      .map(({ key }) => `actions.${key}`),
    ...triggers
      .filter(({ key }) => manifest.triggers.some((trigger) => trigger.key === key))
      .map(({ key }) => `triggers.${key}`),
  ];
  const unknown = Object.keys(resources).filter((name) => manifest.resources[name] === undefined);
  const problems = [
    ...taken.map((path) => ({ path, message: 'is declared already: choose another key' })),
    ...unknown.map((name) => ({
      path: `resources.${name}`,
      message: `is not in the manifest: it has ${Object.keys(manifest.resources).join(', ')}`,
    })),
  ];
  if (problems.length > 0) throw new ManifestError(`The overlay "${overlay.title}"`, problems);

  const added = (overlay.schemas ?? []) as unknown as readonly ScimSchema[];
  const replaced = new Set(added.map(({ id }) => id));
  return {
    profile: overlay.profile ?? profile,
    schemas: [...schemas.filter(({ id }) => !replaced.has(id)), ...added],
    manifest: {
      ...manifest,
      attributeTitles: { ...manifest.attributeTitles, ...attributeTitles },
      pickLists: { ...manifest.pickLists, ...pickLists },
      actions: [...manifest.actions, ...actions],
      triggers: [...manifest.triggers, ...triggers],
      resources: Object.fromEntries(
        Object.entries(manifest.resources).map(([name, resource]) => [
          name,
          {
            ...resource,
            extensions: [...new Set([...resource.extensions, ...(resources[name]?.extensions ?? [])])],
            roles: [...(resource.roles ?? []), ...(resources[name]?.roles ?? [])],
            retainedAttributes: [
              ...(resource.retainedAttributes ?? []),
              ...(resources[name]?.retainedAttributes ?? []),
            ],
            fields: [...resource.fields, ...(resources[name]?.fields ?? [])],
          },
        ]),
      ),
    },
  };
}
