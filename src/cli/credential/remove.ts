/**
 * `wispkey remove`.
 *
 * @module
 */

import { ExitCode } from "../../core/errors.ts";
import { escapeText } from "../../core/name.ts";
import { confirmed } from "../confirm.ts";
import { warningOfLostNames } from "../policy/status.ts";
import { activeProject } from "../project/active.ts";
import { withVault } from "../session.ts";
import type { Verb } from "../spec.ts";
import { nameOf } from "./details.ts";

/** Options of `remove`. */
export interface RemoveOptions {
  /** Name of the credential. */
  name: string;
  /** Project; undefined = the active one. */
  project: string | undefined;
}

/** Removes a credential for good. */
export const remove: Verb<RemoveOptions> = {
  parse(args) {
    return { name: args.positional(0), project: nameOf(args, "project", "project") };
  },

  async run({ name, project: given }, io) {
    const project = given ?? (await activeProject(io)).name;
    const shown = escapeText(name);
    return await withVault(io, `remove '${shown}'`, async (vault) => {
      // Looked up first: nobody should be asked about a credential that does not exist.
      await vault.call("credential.get", { name, project, token: false });
      await confirmed(io, `Remove '${shown}' and its secret for good?`, `remove '${shown}'`);
      await warningOfLostNames(io, vault, () => vault.call("credential.remove", { name, project }));
      await io.output.result({ ok: true, deleted: name }, io.output.quiet ? [] : [`Removed ${shown}.`]);
      return ExitCode.done;
    });
  },
};
