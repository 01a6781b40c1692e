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
  file: "chosen with 'wispkey project use'",
  default: "nothing else was chosen",
} as const;

/** Shows the active project. */
export const projectCurrent: Verb<undefined> = {
  parse() {
    return undefined;
  },

  async run(_options, io) {
    const { name, source } = await activeProject(io);
    const shown = escapeText(name);
    const line = io.output.quiet ? shown : `${shown} (${SOURCES[source]})`;
    await io.output.result({ active_project: name, source }, [line]);
    return ExitCode.done;
  },
};
