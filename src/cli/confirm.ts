/**
 * Confirmation of what cannot be undone.
 *
 * @module
 */

import { FailedError, UsageError } from "../core/errors.ts";
import type { CliIo } from "./io.ts";

/**
 * Returns if the person said yes, or `--yes` did.
 *
 * @param what the act, for messages
 * @throws {UsageError} `confirmation_needed` where nobody can be asked; {FailedError} `not_confirmed`.
 */
export async function confirmed(io: CliIo, question: string, what: string): Promise<void> {
  if (io.globals.yes) return;
  if (!io.terminal.interactive) {
    throw new UsageError(`cannot ${what}: it wants a confirmation, and there is no terminal to ask on`, {
      code: "confirmation_needed",
      hint: "add --yes",
    });
  }
  if (await io.terminal.confirm(question)) return;
  throw new FailedError(`did not ${what}: the answer was no`, {
    code: "not_confirmed",
    hint: "nothing was changed",
  });
}
