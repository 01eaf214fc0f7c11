import type { ConnectorDefinition, ResourceDefinition } from '../connector/definition/definition.ts';
import type { Platform } from '../connector/platform.ts';
import type { Capabilities } from '../connector/provider/capabilities.ts';
import type { PollPreset } from '../connector/provider/habits.ts';
import type { LookupReader } from '../connector/provider/reader.ts';

/** An input that is valid for the trigger's schema. */
export type TriggerInput = Readonly<Record<string, unknown>>;

/** The context of a trigger. */
export interface TriggerContext {
  readonly definition: ConnectorDefinition;
  readonly platform: Platform;
  /** The provider's capabilities, fetched once per connection. */
  capabilities(): Promise<Capabilities>;
  /** The reader of a resource type, created once per connection. */
  reader(resource: ResourceDefinition, signal?: AbortSignal): LookupReader;
  /** What the profile of the provider says about polls. */
  readonly pollPreset: PollPreset;
  readonly signal?: AbortSignal | undefined;
}
