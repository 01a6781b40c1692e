/**
 * The version of the program.
 *
 * @module
 */

/** Semantic version, the same as in `deno.json`. */
export const VERSION = "0.1.0";
