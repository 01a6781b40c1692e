/**
 * The operation of the guard.
 *
 * @module
 */

/** The operations. */
export interface GuardOperations {
  /**
   * Which of these texts are, or hold as a word, the secret of a credential. The payload holds the texts one after another.
   * Only values of 16 bytes and more are compared, and only so many a minute; a hit is written down. Does not count as use.
   */
  "guard.match": {
    params: { lengths: number[] };
    result: { credentials: string[] };
  };
}
