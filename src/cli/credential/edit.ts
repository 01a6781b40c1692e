/**
 * `wispkey edit`.
 *
 * @module
 */

import { ExitCode, UsageError } from "../../core/errors.ts";
import { checkDetails } from "../../core/limits.ts";
import { checkName, escapeText } from "../../core/name.ts";
import type { Params } from "../../daemon/api.ts";
import type { Arguments } from "../arguments.ts";
import { warningOfLostNames } from "../policy/status.ts";
import { activeProject } from "../project/active.ts";
import { withVault } from "../session.ts";
import type { Verb } from "../spec.ts";
import { hostsOf, nameOf, typeOf } from "./details.ts";
import { placeForType, placeGiven } from "./place.ts";
import { showed } from "./showed.ts";
import { credentialJson, credentialLines } from "./view.ts";

/** What changes; what is absent stays. */
export type EditPatch = Params<"credential.edit">["patch"];

/** Options of `edit`. */
export interface EditOptions {
  /** Name of the credential. */
  name: string;
  /** Project; undefined = the active one. */
  project: string | undefined;
  /** The change; empty only to confirm. */
  patch: EditPatch;
  /** Say that hosts, type and place are right as they are. */
  confirm: boolean;
}

/** Changes a credential. */
export const edit: Verb<EditOptions> = {
  parse(args) {
    const name = args.positional(0);
    const patch = patchOf(args);
    const confirm = args.flag("confirm");
    if (confirm && Object.keys(patch).length > 0) {
      throw new UsageError(
        `cannot edit '${escapeText(name)}': --confirm takes it as it is, without changes`,
        {
          code: "conflicting_options",
          hint: "change it first, then look and confirm",
        },
      );
    }
    if (!confirm && Object.keys(patch).length === 0) {
      throw new UsageError(`cannot edit '${escapeText(name)}': nothing was said to change`, {
        code: "nothing_to_change",
        hint: "wispkey edit --help",
      });
    }
    return { name, project: nameOf(args, "project", "project"), patch, confirm };
  },

  async run(options, io) {
    const { name, patch, confirm } = options;
    const project = options.project ?? (await activeProject(io)).name;
    return await withVault(io, `edit '${escapeText(name)}'`, async (vault) => {
      const { result } = confirm
        ? await vault.call("credential.confirm", {
          name,
          project,
          shown: await showed(io, vault, { name, project }),
        })
        : patch.name === undefined
        ? await vault.call("credential.edit", { name, project, patch })
        : await warningOfLostNames(io, vault, () => vault.call("credential.edit", { name, project, patch }));
      const { credential } = result;
      const json = { ok: true, credential: credentialJson(credential), project: credential.project };
      await io.output.result(
        json,
        io.output.quiet ? [] : [confirm ? "Confirmed." : "Changed.", ...credentialLines(credential)],
      );
      return ExitCode.done;
    });
  },
};

function patchOf(args: Arguments): EditPatch {
  const patch: EditPatch = {};
  const name = args.text("name");
  if (name !== undefined) patch.name = checkName(name, "credential");
  const description = args.text("description");
  if (description !== undefined) patch.description = description;
  const type = typeOf(args);
  const place = type === undefined ? placeGiven(args) : placeForType(type, args);
  if (type !== undefined) patch.type = type;
  if (place !== undefined) patch.place = place;
  const hosts = hostsOf(args);
  if (hosts !== undefined) patch.hosts = hosts;
  const tags = args.list("tags");
  if (tags !== undefined) patch.tags = tags;
  const partition = nameOf(args, "partition", "partition");
  if (partition !== undefined) patch.partition = partition;
  checkDetails(patch);
  return patch;
}
