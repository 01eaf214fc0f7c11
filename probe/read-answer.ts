import { isRecord } from '../schemas/is-record.ts';
import { messages } from '../scim/messages.ts';
import type { Answer } from './probe-client.ts';

/** Any JSON object of a provider. */
export type Shown = Readonly<Record<string, unknown>>;

/** A list response, with its deviations still visible. */
export interface ShownList {
  readonly entries: readonly Shown[];
  /** Whether there is `Resources` at all. */
  readonly hasResources: boolean;
  /** As it was sent. */
  readonly rawTotal: unknown;
  /** As a number; undefined if it is missing or not a whole number. */
  readonly total: number | undefined;
  readonly nextCursor: string | undefined;
}

/** Reads a list response (RFC 7644 §3.4.2); undefined if the answer is an error or something else. */
export function readShownList({ status, body }: Answer): ShownList | undefined {
  if (status >= 300 || !isRecord(body)) return undefined;
  const { totalResults: rawTotal, nextCursor, schemas } = body;
  const resources = body.Resources ?? body.resources;
  const isList = Array.isArray(schemas) && schemas.includes(messages.listResponse);
  if (!Array.isArray(resources) && !isList && rawTotal === undefined) return undefined;
  const total = typeof rawTotal === 'string' ? Number(rawTotal) : rawTotal;
  return {
    entries: Array.isArray(resources) ? resources.filter(isRecord) : [],
    hasResources: Array.isArray(resources),
    rawTotal,
    total: typeof total === 'number' && Number.isInteger(total) ? total : undefined,
    nextCursor: typeof nextCursor === 'string' && nextCursor !== '' ? nextCursor : undefined,
  };
}

/** Reads one resource of an answer; undefined if the answer is an error, or shows none. */
export function readShownResource({ status, body }: Answer): Shown | undefined {
  return status < 300 && isRecord(body) ? body : undefined;
}

/** The ID of a resource as text; undefined without one. */
export function idOf({ id }: Shown): string | undefined {
  return id === undefined || id === null || id === '' ? undefined : String(id);
}

/** An ID that marks the position of an entry in a list, also of one without an ID. */
export function positionOf(entry: Shown): string {
  return idOf(entry) ?? `without id: ${String(entry.userName ?? entry.displayName)}`;
}

/** The `meta` of a resource. */
export function metaOf({ meta }: Shown): Shown {
  return isRecord(meta) ? meta : {};
}

/** The items of a multi-valued attribute. */
export function itemsOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The IDs of a group's members; undefined if the group is shown without `members`. */
export function memberIdsOf({ members }: Shown): readonly string[] | undefined {
  if (!Array.isArray(members)) return undefined;
  return members.filter(isRecord).map(({ value }) => String(value));
}

/** Whether two IDs are the same but for upper and lower case. */
export function isSameButCase(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

/** A status and its SCIM error keyword: `400 invalidFilter`. */
export function statusText({ status, body }: Answer): string {
  const scimType = isRecord(body) && typeof body.scimType === 'string' ? ` ${body.scimType}` : '';
  return `${status}${scimType}`;
}

/** The `detail` of an error, in brackets; empty without one. */
export function detailOf({ body }: Answer): string {
  return isRecord(body) && typeof body.detail === 'string' ? ` (${body.detail})` : '';
}
