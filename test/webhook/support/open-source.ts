import { defineConnector } from '../../../connector/definition/define-connector.ts';
import type { SourceType } from '../../../connector/manifest/manifest.zod.ts';
import type { Runtime } from '../../../connector/runtime.ts';
import { readDeclaration } from '../../../runtime/read-declaration.ts';
import type {
  PullReceiver,
  PullSource,
  PushReceiver,
  PushSource,
  SourceContext,
} from '../../../triggers/sources/source.ts';
import { sources } from '../../../triggers/sources/sources.ts';

/** The connector of this package. */
export const definition = defineConnector(readDeclaration());

/** The settings that the manifest shows for a source. */
export function sampleSettings(type: SourceType): Readonly<Record<string, unknown>> {
  return definition.sources.find((source) => source.type === type)?.sampleInput ?? {};
}

/** Opens a source that is pushed to. */
export function openPush(
  type: SourceType,
  runtime: Runtime,
  settings: Readonly<Record<string, unknown>> = sampleSettings(type),
): PushReceiver {
  const source: PushSource | PullSource = sources[type];
  if (source.delivery !== 'push') throw new Error(`${type} is not pushed`);
  return source.open(contextOf(runtime), settings);
}

/** Opens a source that is polled. */
export function openPull(
  type: SourceType,
  runtime: Runtime,
  settings: Readonly<Record<string, unknown>>,
): PullReceiver {
  const source: PushSource | PullSource = sources[type];
  if (source.delivery !== 'pull') throw new Error(`${type} is not polled`);
  return source.open(contextOf(runtime), settings);
}

function contextOf(runtime: Runtime): SourceContext {
  return { definition, runtime };
}
