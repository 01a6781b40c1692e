/**
 * `wispkey partition assign`.
 *
 * @module
 */

import { ExitCode, UsageError } from "../../core/errors.ts";
import { escapeText } from "../../core/name.ts";
import { nameOf } from "../credential/details.ts";
import { credentialJson } from "../credential/view.ts";
import { activeProject } from "../project/active.ts";
import { withVault } from "../session.ts";
import type { Verb } from "../spec.ts";

/** Options of `partition assign`. */
export interface PartitionAssignOptions {
  /** Name of the credential. */
  credential: string;
  /** Partition it is to lie in. */
  partition: string;
  /** Project; undefined = the active one. */
  project: string | undefined;
}

/** Puts a credential into another partition of its project. */
export const partitionAssign: Verb<PartitionAssignOptions> = {
  parse(args) {
    args.exclusive("to", "partition");
    const partition = nameOf(args, "to", "partition") ?? nameOf(args, "partition", "partition");
    const credential = args.positional(0);
    if (partition === undefined) {
      throw new UsageError(`cannot assign '${escapeText(credential)}': no partition was named`, {
        code: "missing_option",
        hint: "add --to PARTITION",
      });
    }
    return { credential, partition, project: nameOf(args, "project", "project") };
  },

  async run({ credential: name, partition, project: given }, io) {
    const project = given ?? (await activeProject(io)).name;
    return await withVault(io, `assign '${escapeText(name)}'`, async (vault) => {
      const { credential } =
        (await vault.call("credential.edit", { name, project, patch: { partition } })).result;
      const json = { ok: true, credential: credentialJson(credential), project, partition };
      const line = `${escapeText(name)} lies in partition ${escapeText(partition)} now.`;
      await io.output.result(json, io.output.quiet ? [] : [line]);
      return ExitCode.done;
    });
  },
};
