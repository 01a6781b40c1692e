/**
 * `wispkey lock`.
 *
 * @module
 */

import { ExitCode } from "../../core/errors.ts";
import type { Verb } from "../spec.ts";

/** Makes the daemon forget the key. */
export const lock: Verb<undefined> = {
  parse() {
    return undefined;
  },

  async run(_options, io) {
    const daemon = await io.backend.connect();
    let wasLocked = true;
    if (daemon !== null) {
      try {
        wasLocked = (await daemon.call("daemon.lock", {})).result.wasLocked;
      } finally {
        daemon.close();
      }
    }
    const text = daemon === null
      ? "No daemon runs: locked already."
      : wasLocked
      ? "Locked already."
      : "Locked.";
    await io.output.result({ ok: true, was_locked: wasLocked }, io.output.quiet ? [] : [text]);
    return ExitCode.done;
  },
};
