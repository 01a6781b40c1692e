/**
 * `wispkey_get_token`.
 *
 * @module
 */

import { z } from "zod";
import { describePlaces } from "../../core/placement.ts";
import { NotFoundError } from "../../core/errors.ts";
import { foreignText } from "../foreign_text.ts";
import { defineTool, type Tool } from "../tool.ts";
import { MAX_NAME } from "./limits.ts";

/** Gives a credential's token out, which is written down in the log. */
export const getToken: Tool = defineTool({
  name: "wispkey_get_token",
  title: "Get a wisp token",
  description:
    "Gives the wisp token of a credential of the active project. A token stands for the secret in requests that go through " +
    "the WispKey proxy, at the credential's hosts and place only; anywhere else it is worth nothing. The log notes who got it.",
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
  input: z.strictObject({
    name: z.string().min(1).max(MAX_NAME).describe("Name of the credential, as wispkey_list shows it"),
  }),
  output: z.object({
    name: z.string(),
    project: z.string(),
    token: z.string(),
    type: z.string(),
    hosts: z.array(z.string()),
    place: z.string().describe("Where it may stand in a request"),
    proxy_address: z.string().nullable().describe("Null if the proxy is not open"),
    usage: z.string(),
  }),
  async run({ name }, { daemon, project: activeProject }) {
    const project = await activeProject();
    const { credential } = await daemon.call("credential.get", { name, project, token: true });
    const { token } = credential;
    if (token === undefined) throw new NotFoundError("the daemon gave no token", { code: "token_not_found" });
    const { proxy } = await daemon.call("daemon.status", {});
    const host = /^(?:https?:\/\/)?([^/:*]+)/.exec(credential.hosts[0] ?? "")?.[1] ?? "HOST";
    const place = foreignText(describePlaces(credential, host));
    const address = proxy?.address ?? null;
    const usage = credential.hosts.length === 0
      ? "it names no hosts, so it can be used nowhere; ask for them with wispkey_request_access"
      : `put it into ${place}, and send the request to ${
        address ?? "http://localhost:7700 (once the proxy is open)"
      }/to/https/HOST/PATH instead of https://HOST/PATH; wispkey_how_to_call writes the code`;
    const structured = {
      name: foreignText(credential.name),
      project: foreignText(credential.project),
      token,
      type: credential.type,
      hosts: credential.hosts.map((host) => foreignText(host)),
      place,
      proxy_address: address,
      usage,
    };
    return { structured, text: `${token}\n\n${JSON.stringify(structured, null, 2)}` };
  },
});
