/**
 * `wispkey unlock`.
 *
 * @module
 */

import { wipe } from "../../core/bytes.ts";
import { ExitCode } from "../../core/errors.ts";
import { askPassword } from "../password.ts";
import { warnOfPolicies } from "../policy/status.ts";
import { requireVault } from "../session.ts";
import type { Verb } from "../spec.ts";
import { reportJson, reportLines, warnOfOpenings } from "./report.ts";
import { scopeOf, timeoutFromEnvironment } from "./scope.ts";

/** Options of `unlock`. */
export interface UnlockOptions {
  /** Minutes without use before locking, 0 = never; undefined = the vault's setting. */
  timeoutMinutes: number | undefined;
  /** Let plain proxy callers use all projects. */
  allProjects: boolean;
}

/** Starts a fresh daemon that holds the open vault. */
export const unlock: Verb<UnlockOptions> = {
  parse(args, io) {
    return {
      timeoutMinutes: args.integer("timeout") ?? timeoutFromEnvironment(io),
      allProjects: args.flag("all-projects"),
    };
  },

  async run({ timeoutMinutes, allProjects }, io) {
    await requireVault(io, "unlock");
    await io.backend.describe(); // One that cannot be opened says so before anybody types a password.
    const scope = await scopeOf(io, allProjects);
    const password = await askPassword(io, "unlock");
    try {
      const report = await io.backend.startDaemon(password, { timeoutMinutes, scope });
      await io.output.result(reportJson(report), reportLines(report));
      await warnOfOpenings(io, report);
      const daemon = await io.backend.connect();
      if (daemon === null) return ExitCode.done;
      try {
        await warnOfPolicies(io, daemon);
      } finally {
        daemon.close();
      }
    } finally {
      wipe(password);
    }
    return ExitCode.done;
  },
};
