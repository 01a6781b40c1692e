/**
 * What bounds a bundle, whoever wrote it. Everything here is checked before memory or time is spent.
 *
 * @module
 */

/** Longest bundle in bytes (256 MiB), of either version. */
export const MAX_BUNDLE_LENGTH = 256 * 1024 * 1024;
/** Longest bundle of version 1 in bytes (64 MiB), as the programs that read it have it. */
export const MAX_V1_LENGTH = 64 * 1024 * 1024;
/** Most credentials in a bundle. */
export const MAX_CREDENTIALS = 100_000;
/** Most partitions in a bundle. */
export const MAX_PARTITIONS = 10_000;
/** Longest JSON part of a record in bytes (1 MiB). */
export const MAX_RECORD_JSON = 1024 * 1024;
/** Fewest characters (code points) of a passphrase for a new bundle. */
export const MIN_PASSPHRASE_LENGTH = 12;
