/**
 * "Did you mean" on the command line.
 *
 * @module
 */

export { editDistance, nearest } from "../core/suggest.ts";
