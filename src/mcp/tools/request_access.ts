/**
 * `wispkey_request_access`.
 *
 * @module
 */

import { z } from "zod";
import { UsageError } from "../../core/errors.ts";
import { formatHostPattern, hostPatternFor } from "../../core/host_pattern.ts";
import { inProject } from "../../core/project_words.ts";
import { shellQuote } from "../../core/shell_quote.ts";
import { readUrl } from "../find_credential.ts";
import { foreignText } from "../foreign_text.ts";
import { defineTool, type Tool } from "../tool.ts";
import { MAX_NAME, MAX_URL } from "./limits.ts";

/** Longest reason that is taken, in UTF-16 units. */
const MAX_REASON = 200;

/** Puts a wish for access before the person. */
export const requestAccess: Tool = defineTool({
  name: "wispkey_request_access",
  title: "Ask for access",
  description:
    "Asks the person to let a credential go to a host, or to add a credential for it. The wish appears in 'wispkey approvals list'; " +
    "nothing is granted by asking. Requests that a policy holds for approval need no asking: they wait by themselves.",
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false },
  input: z.strictObject({
    url: z.string().min(1).max(MAX_URL).describe("A URL of the host, for example https://api.openai.com/"),
    credential: z.string().min(1).max(MAX_NAME).optional().describe(
      "Name of the credential that is to go there, or of the one to add; the host's name by default",
    ),
    reason: z.string().min(1).max(MAX_REASON).describe("What it is needed for, in a sentence for the person"),
  }),
  output: z.object({
    id: z.string(),
    host: z.string(),
    credential: z.string(),
    asked: z.string().describe("What the person can do"),
  }),
  async run({ url, credential: wanted, reason }, { daemon, project: activeProject }) {
    const { target } = readUrl(url);
    const project = await activeProject();
    const host = formatHostPattern(hostPatternFor(target));
    const name = wanted ?? target.host;
    if (reason.trim() === "") {
      throw new UsageError("cannot ask without a reason", { code: "reason_required" });
    }
    const { credentials } = await daemon.call("credential.list", { project, partition: null, tokens: false });
    const known = credentials.find((each) => each.name === name.normalize("NFC"));
    const { id } = await daemon.call("approvals.ask_access", { credential: name, project, host, reason });
    const hosts = shellQuote([...known?.hosts ?? [], host].join(","));
    const verb = known === undefined ? "add" : "edit";
    const command = `wispkey ${verb} ${shellQuote(foreignText(name))} --hosts ${hosts}${
      inProject(foreignText(project))
    }`;
    return {
      structured: {
        id,
        host,
        credential: foreignText(name),
        asked: `The person sees the wish in 'wispkey approvals list' and can grant it with: ${command}`,
      },
    };
  },
});
