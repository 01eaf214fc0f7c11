import type { ScimClient } from '../http/scim-client.ts';
import type { Platform } from '../platform.ts';
import type { Capabilities } from './capabilities.ts';
import type { ChangeHabits, ListHabits } from './habits.ts';
import type { Normalizer } from './normalize.ts';

/** The endpoint that a page is requested from. */
export interface PageEndpoint {
  readonly client: ScimClient;
  /** `/Users` */
  readonly endpoint: string;
  readonly signal?: AbortSignal | undefined;
}

/** Everything that `readPages` needs to read the lists of one resource type. */
export interface PageReader extends PageEndpoint {
  readonly normalize: Normalizer;
  /** The attributes to sort by when the order of a list is unstable, the best one first. */
  readonly sortKeys: readonly string[];
  /** What is known of the provider's lists; reading adds to it. */
  readonly habits: ListHabits;
  readonly log: Platform['log'];
  /** Reads what the provider declares, once per connection. */
  capabilities(): Promise<Capabilities>;
  /** The time, in milliseconds since 1970. */
  now(): number;
}

/** A reader of one resource type, with what is known of its provider. */
export interface LookupReader extends PageReader {
  readonly changes: ChangeHabits;
  /** Makes sure that the list is there, although a filtered one got a 404. @throws ConnectorError `provider_fault` */
  confirmList(): Promise<void>;
}
