/**
 * Runs one group of tests in a directory of its own and looks at what it left behind.
 *
 * @module
 */

import { join } from "node:path";
import type { GroupContext, TestGroup } from "./groups.ts";
import { endProcessesWith, filesIn } from "./leftovers.ts";
import { type Counts, ignoredTests, parseClosingLine } from "./report.ts";

/** How a group went. */
export interface GroupResult extends Counts {
  /** Names of the ignored tests. */
  readonly ignoredNames: readonly string[];
  /** Failures of the group as a whole: time-out, leftovers, tests that never ran. */
  readonly complaints: readonly string[];
  /** Everything `deno test` printed. */
  readonly output: string;
  /** Wall-clock time in milliseconds. */
  readonly milliseconds: number;
}

/** What a run needs besides the group. */
export interface RunOptions {
  /** The checkout. */
  readonly root: string;
  /** Parent of the group's temporary directory; short, because socket paths are. */
  readonly runDirectory: string;
  /** Directory of public test vectors, or null. */
  readonly vectors: string | null;
  /** Only these files of the group; empty = all. */
  readonly only: readonly string[];
  /** Sizes and other variables for the tests. */
  readonly variables: Readonly<Record<string, string>>;
  /** Most milliseconds the group may take. */
  readonly timeoutMs: number;
  /** Prints the output as it comes. */
  readonly verbose: boolean;
}

/** The environment of tests: ours, without what would point the program at a real vault. */
function testEnvironment(temp: string, options: RunOptions): Record<string, string> {
  const kept = Object.entries(Deno.env.toObject()).filter(([name]) => !name.startsWith("WISPKEY_"));
  const vectors: Record<string, string> = options.vectors === null
    ? {}
    : { WISPKEY_TEST_VECTORS: options.vectors };
  return {
    ...Object.fromEntries(kept),
    ...vectors,
    ...options.variables,
    TMPDIR: temp,
    TEMP: temp,
    TMP: temp,
    NO_COLOR: "1",
  };
}

async function collect(stream: ReadableStream<Uint8Array>, echo: boolean): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of stream) {
    text += decoder.decode(chunk, { stream: true });
    if (echo) await Deno.stdout.write(chunk);
  }
  return text;
}

/** Runs a group. Never throws for a failing test; the result tells. */
export async function runGroup(group: TestGroup, options: RunOptions): Promise<GroupResult> {
  const temp = join(options.runDirectory, group.name);
  const junit = join(options.runDirectory, `${group.name}.xml`);
  await Deno.mkdir(temp, { mode: 0o700 });
  const context: GroupContext = {
    temp,
    root: options.root,
    vectors: options.vectors,
    deno: Deno.execPath(),
  };
  const started = performance.now();
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "test",
      "--parallel",
      "--no-prompt",
      "--permit-no-files",
      `--junit-path=${junit}`,
      ...group.permissions(context),
      ...(options.only.length > 0 ? options.only : group.paths),
    ],
    cwd: options.root,
    clearEnv: true,
    env: testEnvironment(temp, options),
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();

  const complaints: string[] = [];
  const timer = setTimeout(() => {
    complaints.push(`took longer than ${options.timeoutMs / 1000} s and was ended`);
    child.kill("SIGKILL");
  }, options.timeoutMs);
  const [out, err, status] = await Promise.all([
    collect(child.stdout, options.verbose),
    collect(child.stderr, options.verbose),
    child.status,
  ]);
  clearTimeout(timer);
  const milliseconds = performance.now() - started;

  for (const { pid, command } of await endProcessesWith(temp, 3_000)) {
    complaints.push(`left a process behind: ${pid} ${command}`);
  }
  const files = await filesIn(temp);
  if (files.length > 0) complaints.push(`left files behind in its temporary directory: ${files.join(", ")}`);

  const counts = parseClosingLine(out) ?? { passed: 0, failed: 0, ignored: 0 };
  if (!status.success && counts.failed === 0 && complaints.length === 0) {
    complaints.push(`deno test ended with exit code ${status.code}`);
  }
  const ignoredNames = counts.ignored > 0 ? ignoredTests(await Deno.readTextFile(junit)) : [];
  return {
    ...counts,
    failed: counts.failed + complaints.length,
    ignoredNames,
    complaints,
    output: `${out}${err}`,
    milliseconds,
  };
}
