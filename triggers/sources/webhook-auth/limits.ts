/** The largest message that is taken from a sender, in bytes: room for a group of ten thousand members. */
export const maxMessageBytes = 2 * 1024 * 1024;

/** How far the clock of a sender may be ahead of ours, in milliseconds. */
export const clockToleranceInMs = 5 * 60_000;
