import { compileManifest } from '../../../connector/definition/compile-manifest.ts';
import type { ManifestBundle } from '../../../connector/manifest/apply-overlay.ts';
import { createEntries, findOrCreateEntries, searchEntries } from './action-entries.ts';
import { createAppContext } from './app-context.ts';
import { type Authentication, authentication } from './authentication.ts';
import { triggerEntries } from './trigger-entries.ts';

/** The app, as Zapier's `App` schema has it. */
export interface ZapierApp {
  /** The version of the app. */
  readonly version: string;
  /** The version of `zapier-platform-core`. */
  readonly platformVersion: string;
  readonly flags: { readonly cleanInputData: false };
  readonly authentication: Authentication;
  readonly triggers: ReturnType<typeof triggerEntries>;
  readonly creates: ReturnType<typeof createEntries>;
  readonly searches: ReturnType<typeof searchEntries>;
  readonly searchOrCreates: ReturnType<typeof findOrCreateEntries>;
}

/** Creates the app of a manifest. */
export function createApp(
  declaration: ManifestBundle,
  versions: Pick<ZapierApp, 'version' | 'platformVersion'>,
): ZapierApp {
  const definition = compileManifest(declaration);
  const context = createAppContext(declaration, definition);
  return {
    ...versions,
    flags: { cleanInputData: false },
    authentication: authentication(context),
    triggers: triggerEntries(context),
    creates: createEntries(context),
    searches: searchEntries(context),
    searchOrCreates: findOrCreateEntries(definition),
  };
}
