import { badRequest } from '../../../scim/scim-error.ts';
import type { ScimLimits } from '../scim-limits.ts';
import type { Order, Placed } from './compile-order.ts';
import type { Cursor, CursorCodec } from './cursor-codec.ts';

/** A page of a list. */
export interface Page<T> {
  readonly items: readonly T[];
  /** Present with index-based pagination. */
  readonly startIndex?: number;
  readonly nextCursor?: string;
  readonly previousCursor?: string;
}

/** Cuts a page by index (RFC 7644 §3.4.2.4). A count above the maximum gets the maximum, and an infinite one all. */
export function pageByIndex<T>(
  all: readonly T[],
  startIndex: number,
  count: number | undefined,
  limits: ScimLimits,
): Page<T> {
  const isWhole = count === Number.POSITIVE_INFINITY;
  const size = isWhole ? all.length : Math.min(count ?? limits.defaultPageSize, limits.maxPageSize);
  return { items: all.slice(startIndex - 1, startIndex - 1 + size), startIndex };
}

/** The parameters of a page by cursor. */
export interface CursorPaging<T> {
  /** The cursor as the client sent it; empty for the first page. */
  readonly cursor: string;
  readonly count: number | undefined;
  /** A hash of the query's other parameters, which must be the same for every page. */
  readonly query: string;
  /** Returns the position of an item in the order. */
  readonly place: (item: T) => Placed;
  readonly order: Order;
  readonly codec: CursorCodec;
  readonly nowMs: number;
  readonly limits: ScimLimits;
}

/**
 * Cuts a page by cursor (RFC 9865 §2). A cursor marks the position of a resource, not an offset, so
 * created and deleted resources between two requests shift nothing: none is skipped or shown twice.
 *
 * @throws ScimError `invalidCursor`, `expiredCursor` or `invalidCount` (RFC 9865 §2.1).
 */
export function pageByCursor<T>(all: readonly T[], paging: CursorPaging<T>): Page<T> {
  const { count, limits } = paging;
  if (count !== undefined && count > limits.maxPageSize) {
    throw badRequest('invalidCount', `"count" must be between 0 and ${limits.maxPageSize}.`);
  }
  const size = count ?? limits.defaultPageSize;
  const cursor = paging.cursor === '' ? undefined : readCursor(paging, size);
  if (size === 0) return { items: [] };
  let from = 0;
  if (cursor !== undefined) {
    const place = countBefore(all, cursor, paging);
    from = cursor.direction === 'after' ? place : Math.max(0, place - size);
  }
  const items = all.slice(from, from + size);
  const first = items[0];
  const last = items.at(-1);
  const encode = (direction: Cursor['direction'], item: T): string =>
    paging.codec.encode({
      direction,
      anchor: paging.place(item),
      count: size,
      query: paging.query,
      issuedAtMs: paging.nowMs,
    });
  return {
    items,
    ...(last !== undefined && from + size < all.length && { nextCursor: encode('after', last) }),
    ...(first !== undefined && from > 0 && { previousCursor: encode('before', first) }),
  };
}

function readCursor<T>({ cursor, codec, query, nowMs, limits }: CursorPaging<T>, size: number): Cursor {
  const read = codec.decode(cursor);
  if (nowMs - read.issuedAtMs > limits.cursorTimeoutInSeconds * 1000) {
    throw badRequest('expiredCursor', `Cursors are valid for ${limits.cursorTimeoutInSeconds} seconds.`);
  }
  if (read.query !== query) {
    throw badRequest('invalidCursor', 'The cursor belongs to a query with other parameters.');
  }
  if (read.count !== size) {
    throw badRequest('invalidCount', `"count" must stay ${read.count}, as in the first query.`);
  }
  return read;
}

// The number of resources before the page ("after"), or before the anchor itself ("before").
function countBefore<T>(
  all: readonly T[],
  { anchor, direction }: Cursor,
  { place, order }: CursorPaging<T>,
): number {
  let low = 0;
  let high = all.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const here = all[middle];
    const difference = here === undefined ? 1 : order(place(here), anchor);
    if (difference < 0 || (difference === 0 && direction === 'after')) low = middle + 1;
    else high = middle;
  }
  return low;
}
