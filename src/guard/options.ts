/**
 * The guard's own options. It reads them itself: loading the command line's parser would take longer than judging.
 *
 * @module
 */

import { UsageError } from "../core/errors.ts";
import { type Dialect, DIALECTS } from "./request.ts";

/** What the guard was told. */
export interface GuardOptions {
  /** In whose words to answer; undefined = told from the input. */
  readonly client: Dialect | undefined;
  /** Whether to refuse what could not be judged. */
  readonly failClosed: boolean;
}

/** Names a client may be called by. */
export const CLIENT_NAMES: readonly string[] = [...DIALECTS, "codex"];

/**
 * Reads the options.
 *
 * @throws {UsageError} for anything else.
 */
export function readOptions(args: readonly string[]): GuardOptions {
  let client: Dialect | undefined;
  let failClosed = false;
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] ?? "";
    if (arg === "--fail-closed") failClosed = true;
    else if (arg === "--client" || arg.startsWith("--client=")) {
      const value = arg === "--client" ? args[++i] ?? "" : arg.slice("--client=".length);
      const name = value === "codex" ? "claude" : value;
      client = DIALECTS.find((dialect) => dialect === name);
      if (client === undefined) {
        throw new UsageError(`cannot guard '${value}': there is no such client`, {
          code: "unknown_client",
          hint: `one of ${CLIENT_NAMES.join(", ")}`,
        });
      }
    } else {
      throw new UsageError(`cannot guard: '${arg}' is no option of it`, {
        code: "unknown_option",
        hint: "wispkey guard --help",
      });
    }
  }
  return { client, failClosed };
}
