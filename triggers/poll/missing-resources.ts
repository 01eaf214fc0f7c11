import { ConnectorError } from '../../connector/errors.ts';
import type { Resource } from '../../connector/resource.ts';
import type { ByIdReader } from './by-id-reader.ts';
import type { ResourceLog } from './changed-since.ts';
import type { ResourceCursor } from './poll-cursor.ts';

/** What is proved of a resource that a complete list lacks. */
export type Absence = { readonly kind: 'gone' } | { readonly kind: 'found'; readonly resource: Resource };

/** How a listed resource reads by ID: without one that does not get a 404, a 404 proves nothing. */
type ListedById = 'found' | 'absent' | 'unreadable';

/** The number of full reads in a row that must lack a resource whose absence only a habit shows. */
const fullReadsUntilGone = 3;
/** These statuses say that the provider is busy or down, not that an ID is unknown. */
const outages: ReadonlySet<number> = new Set([408, 425, 429, 502, 503, 504]);

/**
 * Decides which resources that a complete list lacks are gone. A 404 is proof if a listed resource can be read by ID in
 * the same poll. Another status is proof only if the provider has the habit of saying it about unknown IDs.
 */
export class MissingResources {
  readonly #byId: ByIdReader;
  readonly #log: ResourceLog;
  /** Whether a listed resource can be read by ID; null while it is unknown. */
  canReadById: boolean | null;
  /** The status with which the provider responds to an unknown ID; undefined while it is unknown. */
  unknownIdStatus: number | undefined;

  constructor(
    byId: ByIdReader,
    cursor: Pick<ResourceCursor, 'canReadById' | 'unknownIdStatus'> | undefined,
    log: ResourceLog,
  ) {
    this.#byId = byId;
    this.#log = log;
    this.canReadById = cursor?.canReadById ?? null;
    this.unknownIdStatus = cursor?.unknownIdStatus;
  }

  /** Reads a listed resource by ID. @returns it, if that shows it */
  async readListed(id: string): Promise<Resource | undefined> {
    const result = await this.#byId.read(id);
    if (result.kind === 'absent') this.#noteNotReadable(id);
    if (result.kind !== 'found') return undefined;
    this.canReadById = true;
    return result.resource;
  }

  /**
   * Learns what the provider says about an unknown ID. This counts only while no resource is missing: in an outage, it
   * can say the same about all that its list lacks.
   */
  async learnUnknownId(listed: string): Promise<void> {
    if (this.unknownIdStatus !== undefined || this.canReadById !== true) return;
    const status = await this.#statusOfUnused(listed);
    if (status === undefined || outages.has(status)) return;
    this.unknownIdStatus = status;
    if (status !== 404) this.#log('info', 'provider_habit_noticed', { trait: 'unknown-id-500', status });
  }

  /**
   * Looks up missing resources, in order. Nothing is known of those that are not in the result.
   *
   * @param listed the IDs of a few listed resources
   */
  async verify(missing: readonly string[], listed: readonly string[]): Promise<ReadonlyMap<string, Absence>> {
    const absences = new Map<string, Absence>();
    const readable = missing.length === 0 ? 'absent' : await this.#tryListed(listed);
    if (readable === 'absent') return absences;
    const results = await this.#byId.readAll(missing);
    for (const [index, id] of missing.entries()) {
      const result = results[index];
      if (result?.kind === 'found') absences.set(id, result);
      else if (result?.kind === 'absent') absences.set(id, { kind: 'gone' });
      else if (readable === 'found' && (await this.#isGoneByHabit(id, result?.status)))
        absences.set(id, { kind: 'gone' });
    }
    return absences;
  }

  async #tryListed(listed: readonly string[]): Promise<ListedById> {
    if (listed.length === 0) {
      if (this.canReadById === null) return 'unreadable';
      return this.canReadById ? 'found' : 'absent';
    }
    let best: ListedById = 'absent';
    for (const id of listed) {
      const { kind } = await this.#byId.read(id);
      if (kind === 'found') {
        this.canReadById = true;
        return kind;
      }
      if (kind === 'unreadable') best = kind;
    }
    if (best === 'absent') this.#noteNotReadable(listed[0]);
    return best;
  }

  async #isGoneByHabit(id: string, status: number | undefined): Promise<boolean> {
    const fullReads = this.#byId.countMissing(id);
    if (status === undefined || status !== this.unknownIdStatus) return false;
    return fullReads >= fullReadsUntilGone && (await this.#statusOfUnused(id)) === status;
  }

  async #statusOfUnused(id: string): Promise<number | undefined> {
    try {
      return await this.#byId.readUnused(id);
    } catch (error) {
      // It is not worth a failed poll: the next full read tries again.
      if (error instanceof ConnectorError) return undefined;
      throw error;
    }
  }

  #noteNotReadable(id: string | undefined): void {
    if (this.canReadById !== false) this.#log('warn', 'listed_resource_not_readable', { id });
    this.canReadById = false;
  }
}
