import { compileManifest } from '../../../connector/definition/compile-manifest.ts';
import type { SourceType } from '../../../connector/manifest/source.zod.ts';
import type { Platform } from '../../../connector/platform.ts';
import { withDefaults } from '../../../connector/read-input.ts';
import { loadManifest } from '../../../runtime/load-manifest.ts';
import type {
  PullReceiver,
  PullSource,
  PushReceiver,
  PushSource,
  SourceContext,
} from '../../../triggers/sources/source.ts';
import { sources } from '../../../triggers/sources/sources.ts';

/** The connector of this package. */
export const definition = compileManifest(loadManifest());

/** The settings that the manifest shows for a source. */
export function sampleSettings(type: SourceType): Readonly<Record<string, unknown>> {
  return complete(type, definition.sources.find((source) => source.type === type)?.sampleInput ?? {});
}

/** The settings with their defaults, but not validated: a source must hold even with settings that no host would accept. */
function complete(
  type: SourceType,
  settings: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  return withDefaults(definition.sources.find((source) => source.type === type)?.settings ?? {}, settings);
}

/** Opens a source that is pushed to. */
export function openPush(
  type: SourceType,
  platform: Platform,
  settings: Readonly<Record<string, unknown>> = sampleSettings(type),
): PushReceiver {
  const source: PushSource | PullSource = sources[type];
  if (source.delivery !== 'push') throw new Error(`${type} is not pushed`);
  return source.open(contextOf(platform), complete(type, settings));
}

/** Opens a source that is polled. */
export function openPull(
  type: SourceType,
  platform: Platform,
  settings: Readonly<Record<string, unknown>>,
): PullReceiver {
  const source: PushSource | PullSource = sources[type];
  if (source.delivery !== 'pull') throw new Error(`${type} is not polled`);
  return source.open(contextOf(platform), complete(type, settings));
}

function contextOf(platform: Platform): SourceContext {
  return { definition, platform };
}
