import { isRecord } from '../../schemas/is-record.ts';
import { messages } from '../../scim/messages.ts';
import { errorParts, errorTexts, fillError } from '../error-texts.ts';
import { ConnectorError } from '../errors.ts';
import type { Resource } from '../resource.ts';
import type { Normalizer } from './normalize.ts';

/** A list answer (RFC 7644 §3.4.2), with its resources unread. */
export interface ListPage {
  readonly resources: readonly unknown[];
  /** Undefined when the provider does not say. */
  readonly totalResults: number | undefined;
  /** RFC 9865 §2: where the next page begins; undefined on the last page, and with index paging. */
  readonly nextCursor: string | undefined;
}

/** Reads a list answer. @throws ConnectorError `provider_fault` when it is none. */
export function readList(body: unknown): ListPage {
  const list = isRecord(body) ? body : {};
  const resources = list.Resources ?? list.resources;
  const totalResults = readCount(list.totalResults);
  const nextCursor = list.nextCursor;
  if (
    Array.isArray(resources) ||
    (isMissing(resources) && (totalResults !== undefined || isListResponse(list)))
  ) {
    return {
      // RFC 7644 §3.4.2: Resources may be omitted when there are none. Servers that write JSON from protocol buffers
      // omit a total of zero, too: then the schema says that it is a list.
      resources: Array.isArray(resources) ? resources : [],
      totalResults,
      nextCursor: typeof nextCursor === 'string' && nextCursor !== '' ? nextCursor : undefined,
    };
  }
  throw new ConnectorError('provider_fault', {
    ...fillError(errorTexts.notAList, {
      reason: body === undefined ? errorParts.emptyList : errorParts.noResources,
    }),
  });
}

function isMissing(value: unknown): boolean {
  return value === undefined || value === null;
}

function isListResponse({ schemas }: Readonly<Record<string, unknown>>): boolean {
  return Array.isArray(schemas) && schemas.includes(messages.listResponse);
}

function readCount(value: unknown): number | undefined {
  const count = typeof value === 'string' ? Number(value) : value;
  return typeof count === 'number' && Number.isInteger(count) && count >= 0 ? count : undefined;
}

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
