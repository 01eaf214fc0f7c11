import type { ConnectorDefinition, ResourceDefinition } from '../connector/definition/definition.ts';
import type { Platform } from '../connector/platform.ts';
import type { Capabilities } from '../connector/provider/capabilities.ts';
import type { LookupReader } from '../connector/provider/find-by-value.ts';

/** An input that fits the trigger's schema. */
export type TriggerInput = Readonly<Record<string, unknown>>;

/** What a trigger may use. */
export interface TriggerContext {
  readonly definition: ConnectorDefinition;
  readonly platform: Platform;
  /** What the provider can do; asked once for a connection. */
  capabilities(): Promise<Capabilities>;
  /** The reader of a kind of resource, made once for a connection. */
  reader(resource: ResourceDefinition, signal?: AbortSignal): LookupReader;
  readonly signal?: AbortSignal | undefined;
}
