/**
 * `wispkey list`.
 *
 * @module
 */

import { ExitCode } from "../../core/errors.ts";
import { escapeText } from "../../core/name.ts";
import type { CredentialView } from "../../daemon/api.ts";
import { activeProject } from "../project/active.ts";
import { withVault } from "../session.ts";
import type { Verb } from "../spec.ts";
import { shortTime } from "../time.ts";
import { nameOf } from "./details.ts";
import { credentialJson } from "./view.ts";

/** Options of `list`. */
export interface ListOptions {
  /** Only this partition. */
  partition: string | undefined;
  /** Project; undefined = the active one. */
  project: string | undefined;
  /** All projects; a partition narrows nothing then but its name. */
  allProjects: boolean;
}

/** Names in one line. */
const NAMES_SHOWN = 8;
const COLUMNS = [
  { title: "NAME", shrinks: 24 },
  { title: "TYPE" },
  { title: "DESCRIPTION", shrinks: true },
  { title: "CREATED" },
  { title: "TAGS", shrinks: true },
];

/** A word on those whose hosts an agent may have chosen. */
function unconfirmedNote(credentials: readonly CredentialView[]): string[] {
  const names = credentials.filter((c) => c.intact && !c.hostsConfirmed && c.hosts.length > 0).map((c) =>
    escapeText(c.name)
  );
  if (names.length === 0) return [];
  const shown = names.slice(0, NAMES_SHOWN).join(", ") + (names.length > NAMES_SHOWN ? ", …" : "");
  return [`Added without the password: ${shown}. Where each may go shows in 'wispkey get NAME'.`];
}

/** Lists credentials, without secrets; with tokens only in JSON. */
export const list: Verb<ListOptions> = {
  parse(args) {
    args.exclusive("project", "all-projects");
    return {
      partition: nameOf(args, "partition", "partition"),
      project: nameOf(args, "project", "project"),
      allProjects: args.flag("all-projects"),
    };
  },

  async run(options, io) {
    const project = options.allProjects ? null : options.project ?? (await activeProject(io)).name;
    const partition = options.partition ?? null;
    return await withVault(io, "list the credentials", async (vault) => {
      // Programs get the tokens too, as they always did; that they were given out is written down.
      const { result } = await vault.call("credential.list", { project, partition, tokens: io.output.json });
      const { credentials } = result;
      const json = {
        credentials: credentials.map(credentialJson),
        project: project ?? "*",
        all_projects: options.allProjects,
        partition,
      };
      if (credentials.length === 0) {
        await io.output.result(json, []);
        const where = project === null ? "" : ` in project '${escapeText(project)}'`;
        await io.output.note(`No credentials${where} yet. Add one: wispkey add NAME --hosts HOST`);
        return ExitCode.done;
      }
      const columns = options.allProjects ? [...COLUMNS, { title: "PROJECT" }] : COLUMNS;
      const lines = io.output.table(
        columns,
        credentials.map((c) => [
          c.intact ? c.name : `${c.name} (tampered)`,
          c.type,
          c.description,
          shortTime(c.createdAt),
          c.tags.join(", "),
          c.project,
        ]),
      );
      const count = credentials.length === 1 ? "1 credential" : `${credentials.length} credentials`;
      await io.output.result(
        json,
        io.output.quiet ? lines : [...lines, "", count, ...unconfirmedNote(credentials)],
      );
      return ExitCode.done;
    });
  },
};
