/** The JWS algorithms for signing SETs (RFC 7518 §3.1). */
export const eventAlgorithms = ['ES256', 'RS256'] as const;

/** One of the {@link eventAlgorithms}. */
export type EventAlgorithm = (typeof eventAlgorithms)[number];
