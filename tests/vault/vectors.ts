/** Reads a file of published figures from the directory that `WISPKEY_TEST_VECTORS` names; undefined without it. */
export function readVectors<T>(name: string): T | undefined {
  const directory = Deno.env.get("WISPKEY_TEST_VECTORS");
  if (directory === undefined || directory === "") {
    console.log(`skipped ${name}: WISPKEY_TEST_VECTORS is not set`);
    return undefined;
  }
  return JSON.parse(Deno.readTextFileSync(`${directory}/${name}`)) as T;
}

/** What the Wycheproof files have in common. */
export interface WycheproofFile<T> {
  /** Groups of tests with equal sizes. */
  testGroups:
    (Record<string, unknown> & { tests: (T & { tcId: number; result: string; comment: string })[] })[];
}
