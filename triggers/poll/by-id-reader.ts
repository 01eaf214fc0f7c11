import type { ResourceDefinition } from '../../connector/definition/definition.ts';
import { ConnectorError } from '../../connector/errors.ts';
import { mapConcurrently } from '../../connector/map-concurrently.ts';
import type { LogEntry, Platform } from '../../connector/platform.ts';
import { isSameId, otherResource } from '../../connector/provider/look-up.ts';
import type { PageReader } from '../../connector/provider/reader.ts';
import { resourcePath } from '../../connector/provider/resource-path.ts';
import type { Resource } from '../../connector/resource.ts';

/**
 * The provider's response for one ID. `found`: the resource, with the ID that was requested, and its ID as the provider
 * spells it. `unreadable`: it rejects the request, or fails; with the status of the response.
 */
export type ByIdResult =
  | { readonly kind: 'found'; readonly resource: Resource; readonly spelledId: string }
  | { readonly kind: 'absent' }
  | { readonly kind: 'unreadable'; readonly status: number | undefined };

/** Some providers return 500 for an unknown ID, which the client would retry until the deadline. */
const deadlineInMs = 10_000;
/** After the first failure of a poll, a failing provider must not hold up the events of all others. */
const laterDeadlineInMs = 2_000;
/** The maximum number of stored unreadable IDs. */
const mostRemembered = 100;
/** The maximum number of IDs in one log entry. */
const mostNamed = 10;
/** The number of cached results, for the probes of one poll that read the same resource. */
const mostKept = 32;

/** Reads resources by ID during one poll. A resource that cannot be read holds up no other. */
export class ByIdReader {
  readonly #reader: PageReader;
  readonly #definition: ResourceDefinition;
  readonly #log: (entry: LogEntry) => void;
  readonly #random: () => number;
  readonly #before: Readonly<Record<string, number>>;
  /** The IDs that could not be read, with the number of full reads in a row, this one included, whose list lacked them. */
  readonly unreadable: Record<string, number> = {};
  readonly #results = new Map<string, ByIdResult>();

  /** @param before the IDs that were unreadable in the last poll, with the same numbers */
  constructor(
    reader: PageReader,
    definition: ResourceDefinition,
    { log, random }: Pick<Platform, 'log' | 'random'>,
    before: Readonly<Record<string, number>>,
  ) {
    this.#reader = reader;
    this.#definition = definition;
    this.#log = log;
    this.#random = random;
    this.#before = before;
  }

  /** Reads one resource, once per poll. @throws ConnectorError when the connection fails, or another resource is returned */
  async read(id: string): Promise<ByIdResult> {
    const known = this.#results.get(id);
    if (known !== undefined) return known;
    const result = await this.#result(id);
    if (this.#results.size < mostKept) this.#results.set(id, result);
    return result;
  }

  /** Reads several resources. The results are in the order of the IDs. */
  readAll(ids: readonly string[]): Promise<readonly ByIdResult[]> {
    return mapConcurrently(ids, this.#reader.client.connection.concurrency, (id) => this.read(id));
  }

  /**
   * Replaces listed resources whose copies contradict each other by what a GET by ID shows: only that says which copy is
   * right. A resource that cannot be read is omitted, so that it stays as it is known.
   */
  async replaceContradictory(
    listed: readonly Resource[],
    contradictory: readonly string[],
  ): Promise<readonly Resource[]> {
    const ids = listed.map(({ id }) => id).filter((id) => contradictory.includes(id));
    const { name: resource } = this.#definition;
    this.#log({
      level: 'warn',
      event: 'contradictory_copies_listed',
      resource,
      ids: ids.slice(0, mostNamed),
    });
    const results = await this.readAll(ids);
    const read = new Map(ids.map((id, at) => [id, results[at]]));
    return listed.flatMap((one) => {
      const result = read.get(one.id);
      if (result === undefined) return [one];
      return result.kind === 'found' ? [result.resource] : [];
    });
  }

  /** Counts one more full read whose list lacked an unreadable ID. @returns their number in a row */
  countMissing(id: string): number {
    const count = (Object.hasOwn(this.#before, id) ? (this.#before[id] ?? 0) : 0) + 1;
    if (Object.hasOwn(this.unreadable, id)) this.unreadable[id] = count;
    return count;
  }

  /** Reads an ID of the same form that is almost certainly unused. @returns the status; undefined without a response */
  async readUnused(id: string): Promise<number | undefined> {
    const response = await this.#get(unusedId(id, this.#random));
    if (response === undefined) return 404;
    return response instanceof ConnectorError ? response.status : undefined;
  }

  async #result(id: string): Promise<ByIdResult> {
    const response = await this.#get(id);
    if (response === undefined) return { kind: 'absent' };
    if (response instanceof ConnectorError) {
      this.#note(id, response);
      return { kind: 'unreadable', status: response.status };
    }
    // Some providers return an ID in another case than lists have it, which is the one that is known here.
    if (isSameId(response.id, id))
      return { kind: 'found', resource: { ...response, id }, spelledId: response.id };
    throw otherResource(id, response.id);
  }

  /** @returns the resource; undefined if it does not exist; the error of a response that does not say */
  async #get(id: string): Promise<Resource | ConnectorError | undefined> {
    const { client, normalize, now, signal } = this.#reader;
    const path = resourcePath(this.#definition, id);
    const isFirst = Object.keys(this.unreadable).length === 0;
    const deadlineAtInMs = now() + (isFirst ? deadlineInMs : laterDeadlineInMs);
    try {
      const request = { method: 'GET', path, deadlineAtInMs, maxAttemptsOn500: 2, signal } as const;
      return normalize((await client.send(request)).body);
    } catch (error) {
      if (!(error instanceof ConnectorError)) throw error;
      if (error.code === 'not_found') return undefined;
      if (!isAboutResource(error)) throw error;
      return error;
    }
  }

  #note(id: string, { code, status, message }: ConnectorError): void {
    const isKnown = Object.hasOwn(this.#before, id);
    if (Object.keys(this.unreadable).length < mostRemembered) this.unreadable[id] = 0;
    if (isKnown) return;
    const { name: resource } = this.#definition;
    this.#log({ level: 'warn', event: 'resource_unreadable', resource, id, code, status, message });
  }
}

/**
 * Whether an error is about this resource, rather than about the connection: a response came, and it neither rejects the
 * token nor asks for a pause.
 */
function isAboutResource({ code, status }: ConnectorError): boolean {
  return code !== 'auth' && code !== 'rate_limited' && (status !== undefined || code === 'provider_fault');
}

const shortestUnused = 12;
const alphabets = ['0123456789', 'abcdef', 'ghijklmnopqrstuvwxyz', 'ABCDEF', 'GHIJKLMNOPQRSTUVWXYZ'];

/** An ID of the same form that is almost certainly unused: providers can treat IDs of another form differently. */
function unusedId(id: string, random: () => number): string {
  // There are few short IDs, so another one can easily exist.
  const long = id.padEnd(shortestUnused, id);
  return long.replace(/[0-9a-zA-Z]/g, (sign) => {
    const alphabet = alphabets.find((letters) => letters.includes(sign)) ?? sign;
    return alphabet.charAt(Math.floor(random() * alphabet.length));
  });
}
