/**
 * From which length on a value is compared with the vault's: shorter ones could be guessed one after another.
 *
 * @module
 */

/** Bytes. */
export const LEAST_GUESS = 16;
