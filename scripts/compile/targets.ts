/**
 * What is compiled, and how: one table of platforms, one list of flags.
 *
 * @module
 */

import { permissionFlags } from "../../src/platform/permissions.ts";

/** Modules that run on threads of their own, which `deno compile` does not find by itself. */
export const WORKERS: readonly string[] = [
  "src/vault/checkpoint_worker.ts",
  "src/vault/audit/thread_worker.ts",
];

/** A platform the program is built for. */
export interface Target {
  /** Rust target triple, as `deno compile --target` takes it. */
  readonly triple: string;
  /** File name in `dist/`. */
  readonly file: string;
}

/** Every platform. */
export const TARGETS: readonly Target[] = [
  { triple: "x86_64-unknown-linux-gnu", file: "wispkey-linux-x64" },
  { triple: "aarch64-unknown-linux-gnu", file: "wispkey-linux-arm64" },
  { triple: "x86_64-apple-darwin", file: "wispkey-macos-x64" },
  { triple: "aarch64-apple-darwin", file: "wispkey-macos-arm64" },
  { triple: "x86_64-pc-windows-msvc", file: "wispkey-windows-x64.exe" },
];

/**
 * Arguments of Deno that build one executable.
 *
 * The permissions are those of the role that keeps most; each process gives up what its own role does not need. Without
 * `--no-code-cache` the executable would load compiled code from a file in the temporary directory, which any program
 * of the same user could have put there.
 */
export function compileArguments(target: Target, output: string, entry: string): string[] {
  return [
    "compile",
    "--no-prompt",
    "--no-remote",
    "--no-code-cache",
    "--exclude-unused-npm",
    "--app-name=wispkey",
    `--target=${target.triple}`,
    `--output=${output}`,
    ...WORKERS.map((module) => `--include=${module}`),
    ...permissionFlags("command"),
    entry,
  ];
}
