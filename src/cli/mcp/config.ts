/**
 * `wispkey mcp config`.
 *
 * @module
 */

import { setMember } from "../../core/jsonc/edit.ts";
import { ExitCode } from "../../core/errors.ts";
import { type ClientName, clientOf } from "../plugin/clients.ts";
import { setTable } from "../plugin/toml_table.ts";
import type { Verb } from "../spec.ts";

/** `mcp config`: what a client's configuration says of the MCP server. */
export const mcpConfig: Verb<ClientName> = {
  parse: (args) => args.positional(0) as ClientName,
  async run(name, { output }) {
    const { files } = clientOf(name, Deno.build.os);
    const found = files.user.find(({ purpose }) => purpose.startsWith("MCP"));
    const entry = found?.entries[0];
    const text = entry?.kind === "table"
      ? setTable("", entry.name, entry.lines)
      : entry?.kind === "member"
      ? setMember("", entry.path, entry.value)
      : "";
    const path = `~/${found?.path.join("/") ?? ""}`;
    const format = entry?.kind === "table" ? "toml" : "json";
    await output.result({ client: name, path, format, text }, [text.trimEnd()]);
    await output.note(
      `belongs into ${path}; \`wispkey plugin install ${name}\` writes it there, with the hooks`,
    );
    return ExitCode.done;
  },
};
