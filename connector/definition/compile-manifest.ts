import type { ManifestBundle } from '../manifest/apply-overlay.ts';
import { ManifestError } from '../manifest/manifest-error.ts';
import { compileAction } from './compile-action.ts';
import { compileConnection } from './compile-connection.ts';
import { createCompileContext, reportDuplicates } from './compile-context.ts';
import { compileResource } from './compile-resource.ts';
import { compileSource } from './compile-source.ts';
import { compileTrigger } from './compile-trigger.ts';
import type { ConnectorDefinition } from './definition.ts';

/**
 * Resolves every reference in a manifest: field sets, the fields of resources, pick-lists, the attributes in the SCIM
 * schemas. The result is complete: handlers and hosts need no lookups.
 *
 * @throws ManifestError with every unresolved reference.
 */
export function compileManifest(bundle: ManifestBundle, source = 'manifest.json'): ConnectorDefinition {
  const { name, title, description, connection, resources, actions, triggers, sources } = bundle.manifest;
  const withoutResources = createCompileContext(bundle);
  const context = {
    ...withoutResources,
    resources: Object.fromEntries(
      Object.entries(resources).map(([key, resource]) => [
        key,
        compileResource(withoutResources, key, resource),
      ]),
    ),
  };
  // Actions and triggers share one list of keys on the command line.
  reportDuplicates(
    context,
    'actions and triggers',
    [...actions, ...triggers].map(({ key }) => key),
  );
  reportDuplicates(
    context,
    'sources',
    sources.map(({ type }) => type),
  );
  const definition = Object.freeze({
    name,
    title,
    description,
    connection: compileConnection(context, connection),
    profile: bundle.profile,
    resources: context.resources,
    actions: actions.map((action) => Object.freeze(compileAction(context, action))),
    triggers: triggers.map((trigger) => Object.freeze(compileTrigger(context, trigger))),
    sources: sources.map((one) => Object.freeze(compileSource(context, one))),
  });
  if (context.problems.length > 0) throw new ManifestError(source, context.problems);
  return definition;
}
