/**
 * `wispkey policy init`.
 *
 * @module
 */

import { utf8 } from "../../core/bytes.ts";
import { ExitCode, FailedError } from "../../core/errors.ts";
import { escapeText } from "../../core/name.ts";
import { STARTER_POLICIES } from "../../core/policy/starter.ts";
import { requireVault } from "../session.ts";
import type { Verb } from "../spec.ts";
import { policyFile } from "./source.ts";

/** Writes a policy file of commented examples. */
export const policyInit: Verb<undefined> = {
  parse() {
    return undefined;
  },

  async run(_options, io) {
    await requireVault(io, "write a policy file");
    const path = policyFile(io);
    try {
      await io.files.writeNew(path, utf8(STARTER_POLICIES));
    } catch (error) {
      if (!(error instanceof FailedError && error.code === "file_exists")) throw error;
      throw new FailedError(
        `cannot write a policy file: '${escapeText(path)}' exists, and is left as it is`,
        {
          code: "file_exists",
          hint: "wispkey policy check",
          cause: error,
        },
      );
    }
    await io.output.result({ ok: true, path }, io.output.quiet ? [] : [`Wrote ${escapeText(path)}.`]);
    await io.output.note(
      "All of its examples are commented out. Edit it, then: wispkey policy check, wispkey policy apply",
    );
    return ExitCode.done;
  },
};
