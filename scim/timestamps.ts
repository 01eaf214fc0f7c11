/** Milliseconds since 1970 that a date can hold (ECMA-262 §21.4.1.1). */
const latestInMs = 8.64e15;

const timePattern = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)(Z|[+-]\d{2}:?\d{2})?$/i;

/**
 * The time of a text such as `2026-05-13T04:42:34.123Z`, in milliseconds since 1970; undefined when it is none. One
 * without a zone is in UTC: WorkOS writes `2020-05-06 04:21:48.649164`, too.
 */
export function readTime(value: unknown): number | undefined {
  const [, date, time, zone = 'Z'] = (typeof value === 'string' && timePattern.exec(value)) || [];
  const ms = Date.parse(`${date}T${time}${zone.toUpperCase()}`);
  return Number.isNaN(ms) ? undefined : ms;
}

/** The time of a NumericDate (RFC 7519 §2): seconds since 1970, of which parts may be given; in milliseconds. */
export function readNumericDate(value: unknown): number | undefined {
  if (typeof value !== 'number' || !Number.isFinite(value)) return undefined;
  const ms = Math.trunc(value * 1000);
  return Math.abs(ms) > latestInMs ? undefined : ms;
}

/** A time as events have it: ISO 8601, in UTC. */
export function formatTime(ms: number): string {
  return new Date(ms).toISOString();
}
