/**
 * Which project a command works in: `WISPKEY_PROJECT`, else what `.wispkey.toml` of the working tree names, else the one
 * chosen with `project use`, else `default`.
 *
 * @module
 */

import { DEFAULT_PARTITION, DEFAULT_PROJECT } from "../../core/credential.ts";
import { checkName, escapeText } from "../../core/name.ts";
import type { CliIo } from "../io.ts";
import { treeConfig } from "./tree.ts";

/** A project and what decided for it. */
export interface ActiveProject {
  /** Its name. */
  name: string;
  /** Where the name comes from. */
  source: "env" | "tree" | "file" | "default";
  /** The file, where `source` is `tree`. */
  path?: string;
}

/** The active project. That it exists is judged by whoever uses it. */
export async function activeProject(io: CliIo): Promise<ActiveProject> {
  const fromEnvironment = projectFromEnvironment(io);
  if (fromEnvironment !== undefined) return fromEnvironment;
  const tree = await treeConfig(io);
  if (tree?.project !== undefined) return { name: tree.project, source: "tree", path: tree.path };
  return await chosenProject(io);
}

/**
 * The project that callers of the proxy are bound to at `unlock` and `serve`. A working tree has no say in it: whoever
 * can write into a tree could otherwise open another project to the agents at work there.
 */
export async function projectForCallers(io: CliIo): Promise<ActiveProject> {
  const chosen = projectFromEnvironment(io) ?? await chosenProject(io);
  const tree = chosen.source === "env" ? undefined : await treeConfig(io);
  if (tree?.project !== undefined && tree.project !== chosen.name) {
    await io.output.note(
      `Callers are bound to project '${escapeText(chosen.name)}', though ${escapeText(tree.path)} names ` +
        `'${escapeText(tree.project)}'. To bind them to that one: wispkey project use, then wispkey unlock.`,
    );
  }
  return chosen;
}

/** The project and partition for something new: as given, else as the environment, the tree or the person chose. */
export async function placeForNew(
  io: CliIo,
  given: { project: string | undefined; partition: string | undefined },
): Promise<{ project: string; partition: string }> {
  const { name: project } = given.project === undefined ? await activeProject(io) : { name: given.project };
  if (given.partition !== undefined) return { project, partition: given.partition };
  const tree = await treeConfig(io);
  // The tree's partition is one of the tree's project, or of whichever project is chosen if it names none.
  const fits = tree?.project === undefined ? given.project === undefined : tree.project === project;
  return { project, partition: (fits ? tree?.partition : undefined) ?? DEFAULT_PARTITION };
}

function projectFromEnvironment(io: CliIo): ActiveProject | undefined {
  const name = io.env("WISPKEY_PROJECT");
  return name === undefined ? undefined : { name: checkName(name, "project"), source: "env" };
}

async function chosenProject(io: CliIo): Promise<ActiveProject> {
  const chosen = await io.backend.readActiveProject();
  if (chosen !== null) return { name: checkName(chosen, "project"), source: "file" };
  return { name: DEFAULT_PROJECT, source: "default" };
}
