// What the piece relies on of the engine of Activepieces, which is not on npm. Each fact was read in its source,
// github.com/activepieces/activepieces, in the autumn of 2026, and is named after it. None of them was tried.

/** The file that the engine loads from an uploaded archive: `PIECE_BUNDLE_FILENAME`. Older releases load `main`. */
export const entryFile = 'index.bundle.js';

/** The largest value in the store of a flow, as JSON in UTF-8: `STORE_VALUE_MAX_SIZE`, and `sizeof` of the engine. */
export const storeLimitBytes = 512 * 1024;
