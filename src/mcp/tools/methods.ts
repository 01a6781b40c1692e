/**
 * Methods that requests of tools may have.
 *
 * @module
 */

/** TRACE and CONNECT are the proxy's to refuse; others are rare. */
export const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] as const;
