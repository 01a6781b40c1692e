/**
 * `wispkey stop`.
 *
 * @module
 */

import { ExitCode } from "../../core/errors.ts";
import type { Verb } from "../spec.ts";

/** Ends the daemon. */
export const stop: Verb<undefined> = {
  parse() {
    return undefined;
  },

  async run(_options, io) {
    const daemon = await io.backend.connect();
    let pid: number | null = null;
    if (daemon !== null) {
      try {
        pid = (await daemon.call("daemon.stop", {})).result.pid;
      } finally {
        daemon.close();
      }
      // Looking for it again waits until it has let go of the vault, so that the next command finds it closed.
      (await io.backend.connect())?.close();
    }
    const text = pid === null ? "No daemon runs." : `Stopped the daemon (process ${pid}).`;
    await io.output.result({ ok: true, was_running: pid !== null, pid }, io.output.quiet ? [] : [text]);
    return ExitCode.done;
  },
};
