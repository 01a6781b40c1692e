/**
 * Reads what `deno test` tells: the closing line and the JUnit file.
 *
 * @module
 */

/** Numbers of tests by outcome. */
export interface Counts {
  /** Tests that passed. */
  passed: number;
  /** Tests that failed, uncaught errors of whole files among them. */
  failed: number;
  /** Tests that did not run. */
  ignored: number;
}

// deno-lint-ignore no-control-regex -- colour codes begin with a control character
const COLOUR = /\x1b\[[0-9;]*m/g;
const CLOSING =
  /^(?:ok|FAILED) \| (\d+) passed[^|]*\| (\d+) failed(?: \(\d+ steps?\))?(?: \| (\d+) ignored)?/m;

/** The counts in the closing line of `deno test`, or null if it never came that far. */
export function parseClosingLine(output: string): Counts | null {
  const match = CLOSING.exec(output.replaceAll(COLOUR, ""));
  if (match === null) return null;
  return { passed: Number(match[1]), failed: Number(match[2]), ignored: Number(match[3] ?? 0) };
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&lt;": "<",
  "&gt;": ">",
  "&quot;": '"',
  "&apos;": "'",
  "&amp;": "&",
};

/** Names of the tests a JUnit report marks as skipped. */
export function ignoredTests(junit: string): string[] {
  const names: string[] = [];
  for (const [, name, body] of junit.matchAll(/<testcase name="([^"]*)"[^>]*>(.*?)<\/testcase>/gs)) {
    if (name === undefined || body === undefined || !body.includes("<skipped")) continue;
    names.push(name.replaceAll(/&(?:lt|gt|quot|apos|amp);/g, (entity) => ENTITIES[entity] ?? entity));
  }
  return names;
}
