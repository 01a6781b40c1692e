/**
 * `wispkey partition delete`.
 *
 * @module
 */

import { countOf } from "../../core/count.ts";
import { DEFAULT_PARTITION } from "../../core/credential.ts";
import { ExitCode } from "../../core/errors.ts";
import { escapeText } from "../../core/name.ts";
import { confirmed } from "../confirm.ts";
import { nameOf } from "../credential/details.ts";
import { activeProject } from "../project/active.ts";
import { movedJson, movedLines } from "../project/view.ts";
import { withVault } from "../session.ts";
import type { Verb } from "../spec.ts";

/** Options of `partition delete`. */
export interface PartitionDeleteOptions {
  /** Its name. */
  name: string;
  /** Project; undefined = the active one. */
  project: string | undefined;
  /** Remove its credentials instead of moving them. */
  removeCredentials: boolean;
}

/** Deletes a partition after saying what becomes of its credentials. */
export const partitionDelete: Verb<PartitionDeleteOptions> = {
  parse(args) {
    return {
      name: args.positional(0),
      project: nameOf(args, "project", "project"),
      removeCredentials: args.flag("remove-credentials"),
    };
  },

  async run({ name, project: given, removeCredentials }, io) {
    const project = given ?? (await activeProject(io)).name;
    const shown = escapeText(name);
    const what = `delete partition '${shown}'`;
    return await withVault(io, what, async (vault) => {
      const params = { project, name, removeCredentials };
      const plan = (await vault.call("partition.delete", { ...params, dryRun: true })).result;
      const preview = movedLines(plan.moved);
      if (preview.length > 0) await io.output.note(preview.join("\n"));
      await confirmed(io, `Delete partition '${shown}' of project '${escapeText(project)}'?`, what);
      const { moved } = (await vault.call("partition.delete", { ...params, dryRun: false })).result;
      const json = {
        ok: true,
        project,
        deleted: name,
        moved_to: removeCredentials ? null : DEFAULT_PARTITION,
        credentials: moved.map(movedJson),
      };
      const fate = removeCredentials ? "removed" : `moved to partition ${DEFAULT_PARTITION}`;
      const line = `Deleted partition ${shown}; ${countOf(moved.length, "credential")} ${fate}.`;
      await io.output.result(json, io.output.quiet ? [] : [line]);
      return ExitCode.done;
    });
  },
};
