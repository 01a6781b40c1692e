/**
 * Which tests run with which permissions. One row a directory of `tests/`; a directory without a row is an error, so
 * that no test can be forgotten.
 *
 * @module
 */

/** What the permissions of a group may refer to. */
export interface GroupContext {
  /** The group's own temporary directory; `TMPDIR` of its tests. */
  readonly temp: string;
  /** The checkout. */
  readonly root: string;
  /** Directory of public test vectors, or null where there is none. */
  readonly vectors: string | null;
  /** The running Deno. */
  readonly deno: string;
}

/** Tests that share a set of permissions. */
export interface TestGroup {
  /** Name for the command line, e.g. `core`. */
  readonly name: string;
  /** Files and directories, relative to the checkout. */
  readonly paths: readonly string[];
  /** Most seconds the group may take with reduced sizes; `--soak` allows twenty times as much. */
  readonly seconds: number;
  /** Permission flags of `deno test`. */
  readonly permissions: (context: GroupContext) => string[];
}

/** Sizes that `--soak` raises; tests read them and have a reduced default. */
export const SIZE_VARIABLES: Readonly<Record<string, string>> = {
  WISPKEY_CRASH_ROUNDS: "250",
  WISPKEY_FUZZ_CASES: "100000",
  WISPKEY_SOAK_MIB: "1024",
  WISPKEY_STREAM_MIB: "1024",
  WISPKEY_SOAK_CONNECTIONS: "12000",
  WISPKEY_TAMPER_EDITS: "10000",
  WISPKEY_SCAN_MIB: "500",
  WISPKEY_SOAK_HOSTS: "1000",
  WISPKEY_SOAK_WEBSOCKETS: "500",
  WISPKEY_SOAK_SECONDS: "60",
  WISPKEY_SOAK_SLOW_CLIENTS: "10000",
  WISPKEY_SOAK_MALFORMED: "24000",
  WISPKEY_SOAK_BROKEN: "1000",
  WISPKEY_MCP_TOOLS: "1",
  WISPKEY_SHARE_CREDENTIALS: "1000",
};

/** Repeats a run of random cases; printed by the test that failed. */
export const SEED_VARIABLE = "WISPKEY_FUZZ_SEED";

const testVariables = ["WISPKEY_TEST_VECTORS", "TMPDIR", SEED_VARIABLE, ...Object.keys(SIZE_VARIABLES)];

function readTemp({ temp, root, vectors }: GroupContext): string {
  return `--allow-read=${[temp, root, ...(vectors === null ? [] : [vectors])].join(",")}`;
}

function env(...names: string[]): string {
  return `--allow-env=${[...testVariables, ...names].join(",")}`;
}

/**
 * Whoever starts the program as processes gets everything: running a program is everything already, and Deno opens
 * `/proc`, where the tests look for leaks and leftovers, and symbolic links to nothing less.
 */
function wholeProgram(): string[] {
  return ["--allow-all"];
}

/** Every group, in the order they run: the quick and pure ones first. */
export const TEST_GROUPS: readonly TestGroup[] = [
  {
    name: "project",
    paths: ["tests/architecture_test.ts"],
    seconds: 60,
    permissions: ({ root }) => [`--allow-read=${root}`],
  },
  {
    name: "docs",
    paths: ["tests/docs"],
    seconds: 60,
    permissions: ({ root }) => [`--allow-read=${root}`],
  },
  {
    name: "core",
    paths: ["tests/core"],
    seconds: 300,
    permissions: () => [env()],
  },
  {
    name: "vault",
    paths: ["tests/vault"],
    seconds: 400,
    permissions: (context) => [
      readTemp(context),
      `--allow-write=${context.temp}`,
      `--allow-run=${context.deno}`,
      env(),
    ],
  },
  {
    name: "proxy",
    paths: ["tests/proxy"],
    seconds: 400,
    // Files and openssl make the certificates of a test authority.
    permissions: (context) => [
      "--allow-net=127.0.0.1,[::1],localhost",
      readTemp(context),
      `--allow-write=${context.temp}`,
      "--allow-run=openssl",
      env(),
    ],
  },
  { name: "platform", paths: ["tests/platform"], seconds: 180, permissions: wholeProgram },
  { name: "daemon", paths: ["tests/daemon"], seconds: 400, permissions: wholeProgram },
  { name: "cli", paths: ["tests/cli"], seconds: 400, permissions: wholeProgram },
  {
    name: "importer",
    paths: ["tests/importer"],
    seconds: 120,
    permissions: (context) => [readTemp(context), env("LOG_TOKENS", "LOG_STREAM")],
  },
  {
    name: "sharing",
    paths: ["tests/sharing"],
    seconds: 240,
    permissions: wholeProgram,
  },
  { name: "guard", paths: ["tests/guard", "tests/plugin"], seconds: 180, permissions: wholeProgram },
  { name: "mcp", paths: ["tests/mcp"], seconds: 300, permissions: wholeProgram },
  { name: "e2e", paths: ["tests/e2e"], seconds: 600, permissions: wholeProgram },
  { name: "attacks", paths: ["tests/attacks"], seconds: 600, permissions: wholeProgram },
  { name: "clients", paths: ["tests/clients"], seconds: 400, permissions: wholeProgram },
  { name: "soak", paths: ["tests/soak"], seconds: 600, permissions: wholeProgram },
  { name: "scripts", paths: ["tests/scripts"], seconds: 180, permissions: wholeProgram },
];
