/**
 * `wispkey project current`.
 *
 * @module
 */

import { ExitCode } from "../../core/errors.ts";
import { escapeText } from "../../core/name.ts";
import type { Verb } from "../spec.ts";
import { activeProject } from "./active.ts";

const SOURCES = {
  env: "from WISPKEY_PROJECT",
  tree: "from .wispkey.toml",
  file: "chosen with 'wispkey project use'",
  default: "nothing else was chosen",
} as const;

/** Shows the active project. */
export const projectCurrent: Verb<undefined> = {
  parse() {
    return undefined;
  },

  async run(_options, io) {
    const { name, source, path } = await activeProject(io);
    const shown = escapeText(name);
    const why = path === undefined ? SOURCES[source] : `from ${escapeText(path)}`;
    const line = io.output.quiet ? shown : `${shown} (${why})`;
    await io.output.result({ active_project: name, source, ...(path === undefined ? {} : { path }) }, [line]);
    return ExitCode.done;
  },
};
