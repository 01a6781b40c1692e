/**
 * `wispkey project delete`.
 *
 * @module
 */

import { countOf } from "../../core/count.ts";
import { DEFAULT_PROJECT } from "../../core/credential.ts";
import { ExitCode } from "../../core/errors.ts";
import { escapeText } from "../../core/name.ts";
import { confirmed } from "../confirm.ts";
import { withVault } from "../session.ts";
import type { Verb } from "../spec.ts";
import { movedJson, movedLines } from "./view.ts";

/** Options of `project delete`. */
export interface ProjectDeleteOptions {
  /** Its name. */
  name: string;
  /** Remove its credentials instead of moving them. */
  removeCredentials: boolean;
}

/** Deletes a project after saying what becomes of its credentials. */
export const projectDelete: Verb<ProjectDeleteOptions> = {
  parse(args) {
    return { name: args.positional(0), removeCredentials: args.flag("remove-credentials") };
  },

  async run({ name, removeCredentials }, io) {
    const shown = escapeText(name);
    const what = `delete project '${shown}'`;
    return await withVault(io, what, async (vault) => {
      const params = { name, removeCredentials };
      const plan = (await vault.call("project.delete", { ...params, dryRun: true })).result;
      const preview = movedLines(plan.moved);
      if (preview.length > 0) await io.output.note(preview.join("\n"));
      await confirmed(io, `Delete project '${shown}'?`, what);
      const { moved, partitions } = (await vault.call("project.delete", { ...params, dryRun: false })).result;
      const wasActive = await io.backend.readActiveProject() === name;
      if (wasActive) await io.backend.writeActiveProject(DEFAULT_PROJECT);
      const json = {
        ok: true,
        deleted: name,
        partitions,
        moved_to: removeCredentials ? null : DEFAULT_PROJECT,
        credentials: moved.map(movedJson),
        ...(wasActive ? { active_project: DEFAULT_PROJECT } : {}),
      };
      const fate = removeCredentials ? "removed" : `moved to project ${DEFAULT_PROJECT}`;
      const lines = [`Deleted project ${shown}; ${countOf(moved.length, "credential")} ${fate}.`];
      await io.output.result(json, io.output.quiet ? [] : lines);
      if (wasActive) {
        await io.output.note(`It was the active project; commands work in '${DEFAULT_PROJECT}' now.`);
      }
      return ExitCode.done;
    });
  },
};
