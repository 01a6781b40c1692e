/**
 * The operation of the guard: it learns that a text holds a secret, and whose, and nothing else.
 *
 * @module
 */

import { UsageError } from "../../core/errors.ts";
import { matchValues } from "../environment_matcher.ts";
import type { Operation } from "./types.ts";

/** `guard.match`: which credentials' secrets stand in these texts. */
export const matchGuarded: Operation<"guard.match"> = {
  shape: { lengths: "count[]" },
  need: "key",
  async run({ vault, guesses }, { lengths }, payload) {
    if (lengths.reduce((sum, length) => sum + length, 0) !== payload.length) {
      throw new UsageError("cannot compare the texts: their lengths do not fit", { code: "bad_parameters" });
    }
    let end = 0;
    const texts = lengths.map((length) => payload.subarray(end, end += length));
    const matches = await matchValues(vault, texts, guesses, () => false);
    const credentials = [...new Set(matches.map(({ credential }) => credential))].sort();
    // It was told that a guess is right.
    if (credentials.length > 0) {
      const reason = `found by the guard: ${credentials.join(", ")}`;
      vault.audit.append([{ event: "TokenDisclosed", reason }], Date.now());
    }
    return { result: { credentials } };
  },
};
