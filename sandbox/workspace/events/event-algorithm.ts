/** The JWS algorithms that SETs can be signed with (RFC 7518 §3.1). */
export const eventAlgorithms = ['ES256', 'RS256'] as const;

/** One of the {@link eventAlgorithms}. */
export type EventAlgorithm = (typeof eventAlgorithms)[number];
