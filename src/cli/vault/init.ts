/**
 * `wispkey init`.
 *
 * @module
 */

import { wipe } from "../../core/bytes.ts";
import { ExitCode, FailedError } from "../../core/errors.ts";
import { escapeText } from "../../core/name.ts";
import { askNewPassword } from "../password.ts";
import type { Verb } from "../spec.ts";
import { reportJson } from "./report.ts";
import { scopeOf, timeoutFromEnvironment, timeoutPhrase } from "./scope.ts";

/** Options of `init`. */
export interface InitOptions {
  /** Minutes without use before locking; undefined = the default. */
  timeoutMinutes: number | undefined;
}

/** Makes a vault and leaves it unlocked. */
export const init: Verb<InitOptions> = {
  parse(_args, io) {
    return { timeoutMinutes: timeoutFromEnvironment(io) };
  },

  async run({ timeoutMinutes }, io) {
    if (await io.backend.exists()) {
      throw new FailedError(`cannot make a vault: one exists in ${io.vaultDir}`, {
        code: "vault_exists",
        hint: "wispkey unlock",
      });
    }
    const password = await askNewPassword(io, "make a vault", true);
    try {
      await io.backend.create(password);
      const scope = await scopeOf(io, false);
      const report = await io.backend.startDaemon(password, { timeoutMinutes, scope });
      await io.output.result({ ...reportJson(report), vault_path: io.vaultDir }, [
        `Made a vault in ${escapeText(io.vaultDir)}.`,
      ]);
      await io.output.note(
        [
          `It is unlocked; ${timeoutPhrase(report.timeoutMinutes)}.`,
          "Nobody can recover the master password: keep it where you will find it.",
          "",
          "Next:",
          "  wispkey add openai --hosts api.openai.com   keep a key, get its token",
          "  wispkey serve                               open the proxy",
          "  wispkey status                              see how things stand",
        ].join("\n"),
      );
    } finally {
      wipe(password);
    }
    return ExitCode.done;
  },
};
