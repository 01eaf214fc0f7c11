const patterns: readonly (readonly [RegExp, string])[] = [
  [/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi, 'id'],
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|\+00:00)?/g, 'time'],
  [/(?<=W\/\\{1,3}"\d+-)[0-9a-z]+/g, 'epoch'],
  [/127\.0\.0\.1:\d+/g, 'host'],
  // The ID of a plan is a hash of all of that.
  [/\bplan-[0-9a-f]{16}\b/g, 'plan'],
];

/**
 * A value with what differs from run to run masked: each ID by the order in which it came, times, and the host. A wait
 * is reported in whole seconds, since the clock goes on while a response is read.
 */
export function masked(value: unknown): unknown {
  const seen: string[] = [];
  const text = JSON.stringify(value, inSeconds) ?? 'null';
  return JSON.parse(
    patterns.reduce(
      (masking, [pattern, name]) =>
        masking.replace(pattern, (found) => {
          if (name !== 'id') return name;
          if (!seen.includes(found)) seen.push(found);
          return `id ${seen.indexOf(found) + 1}`;
        }),
      text,
    ),
  );
}

function inSeconds(name: string, value: unknown): unknown {
  return name === 'retryAfterInMs' ? `${Math.round(Number(value) / 1000)} s` : value;
}
