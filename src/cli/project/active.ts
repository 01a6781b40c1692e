/**
 * Which project a command works in: `WISPKEY_PROJECT`, else the one chosen with `project use`, else `default`.
 *
 * @module
 */

import { DEFAULT_PROJECT } from "../../core/credential.ts";
import { checkName } from "../../core/name.ts";
import type { CliIo } from "../io.ts";

/** A project and what decided for it. */
export interface ActiveProject {
  /** Its name. */
  name: string;
  /** Where the name comes from. */
  source: "env" | "file" | "default";
}

/** The active project. That it exists is judged by whoever uses it. */
export async function activeProject(io: CliIo): Promise<ActiveProject> {
  const fromEnvironment = io.env("WISPKEY_PROJECT");
  if (fromEnvironment !== undefined) return { name: checkName(fromEnvironment, "project"), source: "env" };
  const fromFile = await io.backend.readActiveProject();
  if (fromFile !== null) return { name: checkName(fromFile, "project"), source: "file" };
  return { name: DEFAULT_PROJECT, source: "default" };
}
