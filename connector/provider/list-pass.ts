import { ConnectorError } from '../errors.ts';
import type { Resource } from '../resource.ts';
import type { Normalizer } from './normalize.ts';
import type { ListPage } from './read-list.ts';

/** One reading of a list from its beginning: what came, and what the provider said about how much there is. */
export class ListPass {
  readonly #known: Set<string>;
  readonly #order: string[] = [];
  #firstPage: readonly string[] | undefined;
  #surplus = 0;
  #pageSizes: number[] = [];
  /** The entries read, repeated and unreadable ones included. */
  read = 0;
  /** The results that no earlier pass had. */
  fresh = 0;
  /** The largest total stated. */
  most = 0;
  /** The smallest total stated. */
  fewest = Number.POSITIVE_INFINITY;
  /** Whether the first page came again in the place of a later one. */
  loops = false;
  /** Why an entry could not be read, such as a missing ID. */
  unreadable: ConnectorError | undefined;

  /** @param known the IDs that were read before; the pass adds to them */
  constructor(known: Set<string>) {
    this.#known = known;
  }

  /** The results accounted for: those read in any pass, and the entries of this pass that add nothing to them. */
  get counted(): number {
    return this.#known.size + this.#surplus;
  }

  /** Whether all pages but the last had the same number of entries: a page that is short may hide a result. */
  get isEven(): boolean {
    return this.#pageSizes.slice(0, -1).every((size) => size === this.#pageSizes[0]);
  }

  /** Counts the entries of a page, and returns the resources that no page had before. */
  take({ resources: entries, totalResults }: ListPage, normalize: Normalizer): readonly Resource[] {
    const inResponse = new Map<string, Resource>();
    for (const entry of entries) {
      const resource = this.#readEntry(entry, normalize);
      // A repeat within one response is no sign that the list moved.
      if (resource === undefined || inResponse.has(resource.id)) this.#surplus += 1;
      else inResponse.set(resource.id, resource);
    }
    const ids = [...inResponse.keys()];
    if (this.#firstPage !== undefined && ids.length > 0) this.loops ||= isSame(ids, this.#firstPage);
    this.#firstPage ??= ids;
    for (const id of ids) this.#order.push(id);
    const fresh = [...inResponse.values()].filter(({ id }) => !this.#known.has(id));
    for (const { id } of fresh) this.#known.add(id);
    this.read += entries.length;
    this.#pageSizes.push(entries.length);
    this.fresh += fresh.length;
    this.most = Math.max(this.most, totalResults ?? 0);
    this.fewest = Math.min(this.fewest, totalResults ?? this.fewest);
    return fresh;
  }

  /** Whether another pass read the same entries in the same order. */
  isSameAs(other: ListPass): boolean {
    return isSame(this.#order, other.#order);
  }

  /** One entry that cannot be read holds up no other. */
  #readEntry(entry: unknown, normalize: Normalizer): Resource | undefined {
    try {
      return normalize(entry);
    } catch (error) {
      if (!(error instanceof ConnectorError)) throw error;
      this.unreadable = error;
      return undefined;
    }
  }
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((id, index) => id === other[index]);
}
