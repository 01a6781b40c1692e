/**
 * `wispkey_how_to_call`.
 *
 * @module
 */

import { z } from "zod";
import { formatHostPattern, hostPatternFor } from "../../core/host_pattern.ts";
import { describePlaces } from "../../core/placement.ts";
import { providerOfHost } from "../../core/provider.ts";
import { shellQuote } from "../../core/shell_quote.ts";
import { isBodySlot, type Slot } from "../../core/usual_slot.ts";
import { withToken } from "../call_plan.ts";
import { fitting, readUrl, tokenFor } from "../find_credential.ts";
import { foreignText } from "../foreign_text.ts";
import { baseUrlOf, snippetsFor } from "../snippets.ts";
import { defineTool, type Tool } from "../tool.ts";
import { METHODS } from "./methods.ts";
import { MAX_NAME, MAX_URL } from "./limits.ts";

const output = z.object({
  fits: z.boolean().describe("Whether some credential of the active project may go there"),
  credential: z.string().nullable(),
  alternatives: z.array(z.string()).describe("Other credentials that may go there"),
  project: z.string(),
  token: z.string().nullable(),
  place: z.string().nullable().describe("Where the token stands in the request"),
  base_url: z.string().nullable().describe(
    "What an SDK is given as its base URL for this host, before the path",
  ),
  base_url_variable: z.string().nullable().describe(
    "The variable by which this provider's SDK is told another one",
  ),
  snippets: z.object({
    curl: z.string(),
    python: z.string(),
    node: z.string(),
    wispkey_run: z.string(),
  }).nullable(),
  notes: z.array(z.string()),
});

/** Says which credential a URL takes, where its token goes, and writes the code. */
export const howToCall: Tool = defineTool({
  name: "wispkey_how_to_call",
  title: "How to call a URL",
  description:
    "For a URL: which credential fits, its wisp token, where the token stands, and ready code for curl, Python and Node that " +
    "sends the request through the proxy. Also the base URL for SDKs, and the form for 'wispkey run'. Opens the proxy if it " +
    "is closed. That the token was given out is written to the log.",
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
  input: z.strictObject({
    url: z.string().min(1).max(MAX_URL).describe(
      "The host's own URL, for example https://api.openai.com/v1/models",
    ),
    method: z.enum(METHODS).optional().describe("GET by default"),
    credential: z.string().min(1).max(MAX_NAME).optional().describe(
      "This credential, not the one that fits best",
    ),
  }),
  output,
  async run({ url: text, method = "GET", credential: wanted }, context) {
    const { url, target } = readUrl(text);
    const project = await context.project();
    const candidates = await fitting(context, project, target);
    const name = wanted ?? candidates[0]?.name;
    const provider = providerOfHost(target.host);
    const nothing = {
      fits: false,
      credential: null,
      alternatives: [],
      project: foreignText(project),
      token: null,
      place: null,
      base_url: null,
      base_url_variable: provider?.baseUrl ?? null,
      snippets: null,
    };
    const pattern = formatHostPattern(hostPatternFor(target));
    if (name === undefined) return { structured: { ...nothing, notes: nobodyFits(pattern) } };
    const { credential, token, slot } = await tokenFor(context, project, name, target);
    const { port } = await context.proxy.open(project);
    const alternatives = candidates.map(({ name }) => name).filter((other) => other !== credential.name);
    const isAllowed = candidates.some(({ id }) => id === credential.id);
    const { scope } = await context.daemon.call("daemon.status", {});
    const { values } = await context.daemon.call("config.list", {});
    const notes = [
      ...(isAllowed ? [] : [`'${foreignText(credential.name)}' may not go there; ${nobodyFits(pattern)[0]}`]),
      ...plainCallerNotes(scope, project, values["proxy.require_caller"]),
      ...slotNotes(slot),
      "Keep the token out of every other place of the request: it is refused there.",
    ];
    return {
      structured: {
        ...nothing,
        fits: isAllowed,
        credential: foreignText(credential.name),
        alternatives: alternatives.map((other) => foreignText(other)),
        token,
        place: foreignText(describePlaces(credential, target.host)),
        base_url: baseUrlOf(url, port),
        snippets: slot === null || slot.in === "ws"
          ? null
          : snippetsFor(withToken({ method, url, headers: [], body: null }, slot, token), port),
        notes,
      },
    };
  },
});

function nobodyFits(pattern: string): string[] {
  return [
    "no credential of the active project may go to this host: ask for one with wispkey_request_access, or a person runs: " +
    `wispkey add NAME --hosts ${shellQuote(pattern)}`,
  ];
}

/** Plain callers are bound to a project when the vault is unlocked; a setting refuses them altogether. */
function plainCallerNotes(scope: string | null, project: string, isRefused: boolean): string[] {
  if (isRefused) {
    return [
      "The proxy refuses plain callers, so that only wispkey_request and 'wispkey run' can use this token.",
    ];
  }
  if (scope === null || scope === project) return [];
  return [
    "Plain callers of the proxy are bound to another project, so that only wispkey_request and 'wispkey run' can use this token.",
  ];
}

function slotNotes(slot: Slot | null): string[] {
  if (slot === null) return ["This credential names no place for its token: a person has to edit it."];
  if (slot.in === "ws") {
    return ["The token goes into a text message over a WebSocket to this host, through the base URL."];
  }
  if (isBodySlot(slot)) return ["The token goes into the body; the code shows an example of one, adapt it."];
  if (slot.in === "basic") {
    return ["If the host wants a certain user name beside the key, put it before the colon of the pair."];
  }
  return [];
}
