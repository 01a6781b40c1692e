/**
 * The commands on the local certificate authority, by which https requests of programs are opened.
 *
 * @module
 */

import { LOCKED, missing, NO_VAULT, NOBODY } from "../exits.ts";
import type { CommandSpec } from "../spec.ts";

const GROUP = "HTTPS";

/** A command on the authority takes neither positionals nor options. */
const NO_AUTHORITY = missing("local authority yet");

function command(
  word: string,
  summary: string,
  example: string,
  load: CommandSpec["load"],
  more: Partial<CommandSpec> = {},
): CommandSpec {
  return {
    path: ["ca", word],
    group: GROUP,
    summary,
    positionals: [],
    options: {},
    examples: [{ line: `wispkey ca ${word}`, note: example }],
    exits: [LOCKED, NO_AUTHORITY],
    load,
    ...more,
  };
}

/** `ca init`, `show`, `export`, `renew`, `trust`, `untrust`. */
export const caCommands: readonly CommandSpec[] = [
  command(
    "init",
    "make the local certificate authority, if there is none",
    "its key never leaves the vault",
    async () => (await import("./verbs.ts")).caInit,
    {
      description:
        "'wispkey run' and 'serve --intercept' do so by themselves. Nobody trusts it until told to.",
      exits: [LOCKED, NO_VAULT],
    },
  ),
  command(
    "show",
    "show the local authority and where its files lie",
    "name, fingerprint, end, paths",
    async () => (await import("./verbs.ts")).caShow,
  ),
  command(
    "export",
    "print its certificate (PEM)",
    "to standard output",
    async () => (await import("./verbs.ts")).caExport,
  ),
  command(
    "renew",
    "make another authority in its place",
    "asks for the master password",
    async () => (await import("./verbs.ts")).caRenew,
    { exits: [[1, "the answer was no"], LOCKED, NO_VAULT, NOBODY] },
  ),
  command(
    "trust",
    "let this system trust the local authority",
    "asks first; shows how to undo it",
    async () => (await import("./trust.ts")).caTrust,
    {
      exits: [[1, "only root may do that; the hint has the command"], LOCKED, NO_AUTHORITY],
    },
  ),
  command(
    "untrust",
    "take the local authority out of this system's list",
    "undoes 'ca trust'",
    async () => (await import("./trust.ts")).caUntrust,
    {
      exits: [[1, "only root may do that; the hint has the command"], LOCKED, NO_AUTHORITY],
    },
  ),
];
