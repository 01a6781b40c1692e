/**
 * `wispkey partition rename`.
 *
 * @module
 */

import { ExitCode } from "../../core/errors.ts";
import { checkName, escapeText } from "../../core/name.ts";
import { nameOf } from "../credential/details.ts";
import { activeProject } from "../project/active.ts";
import { partitionJson } from "../project/view.ts";
import { withVault } from "../session.ts";
import type { Verb } from "../spec.ts";

/** Options of `partition rename`. */
export interface PartitionRenameOptions {
  /** Its name so far. */
  name: string;
  /** Its new name. */
  to: string;
  /** Project; undefined = the active one. */
  project: string | undefined;
}

/** Renames a partition. */
export const partitionRename: Verb<PartitionRenameOptions> = {
  parse(args) {
    return {
      name: args.positional(0),
      to: checkName(args.positional(1), "partition"),
      project: nameOf(args, "project", "project"),
    };
  },

  async run({ name, to, project: given }, io) {
    const project = given ?? (await activeProject(io)).name;
    return await withVault(io, `rename partition '${escapeText(name)}'`, async (vault) => {
      const { partition } = (await vault.call("partition.rename", { project, name, to })).result;
      const json = { ok: true, renamed: name, partition: partitionJson(partition) };
      const line = `Partition ${escapeText(name)} is called ${escapeText(partition.name)} now.`;
      await io.output.result(json, io.output.quiet ? [] : [line]);
      return ExitCode.done;
    });
  },
};
