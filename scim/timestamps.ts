/** The largest number of milliseconds that a date can hold (ECMA-262 §21.4.1.1). */
const latestInMs = 8.64e15;

const timePattern =
  /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?) ?(?:Z|UTC|GMT|([+-]\d{2}):?(\d{2}))?$/i;

/**
 * Reads a time such as `2026-05-13T04:42:34.123Z` as milliseconds since 1970; undefined if it is not a time. A time
 * without a zone is in UTC, wherever Rolecall runs: WorkOS writes `2020-05-06 04:21:48.649164`, some SCIM servers leave
 * out the "Z", and Workato's audit log writes `2020-05-04 18:53:16 UTC`.
 */
export function readTime(value: unknown): number | undefined {
  const [, date, time, hours, minutes] = (typeof value === 'string' && timePattern.exec(value)) || [];
  const ms = Date.parse(`${date}T${time}${hours === undefined ? 'Z' : `${hours}:${minutes}`}`);
  return Number.isNaN(ms) ? undefined : ms;
}

/** Reads a NumericDate (RFC 7519 §2), which counts seconds since 1970 with or without fractions, as milliseconds. */
export function readNumericDate(value: unknown): number | undefined {
  if (typeof value !== 'number' || !Number.isFinite(value)) return undefined;
  const ms = Math.trunc(value * 1000);
  return Math.abs(ms) > latestInMs ? undefined : ms;
}

/** Formats a time as events have it: ISO 8601, in UTC. */
export function formatTime(ms: number): string {
  return new Date(ms).toISOString();
}

/** The last change of a resource, in milliseconds since 1970; undefined if it has no timestamp. */
export function lastModifiedInMs(resource: {
  readonly meta?: { readonly lastModified?: string };
}): number | undefined {
  return readTime(resource.meta?.lastModified);
}
