/**
 * How long texts in the arguments of tools may be.
 *
 * @module
 */

/** Longest name, in UTF-16 units. */
export const MAX_NAME = 256;
/** Longest URL, in UTF-16 units. */
export const MAX_URL = 8_192;
