/**
 * A protection taken away, and the tests that have to notice.
 *
 * @module
 */

/** One edit of the source that removes one protection. */
export interface Mutation {
  /** The protection, as a person would say it. */
  readonly protection: string;
  /** File, relative to the checkout. */
  readonly file: string;
  /** Text that occurs exactly once in the file. */
  readonly find: string;
  /** What takes its place. */
  readonly replace: string;
  /** Files and directories of tests, of which at least one test must fail. */
  readonly tests: readonly string[];
}

/** Everything a group of mutations has in common is its file and its tests. */
export function inFile(
  file: string,
  tests: readonly string[],
  edits: readonly (readonly [protection: string, find: string, replace: string, tests?: readonly string[]])[],
): Mutation[] {
  return edits.map(([protection, find, replace, own]) => ({
    protection,
    file,
    find,
    replace,
    tests: own ?? tests,
  }));
}
