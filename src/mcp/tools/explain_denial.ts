/**
 * `wispkey_explain_denial`.
 *
 * @module
 */

import { z } from "zod";
import { NotFoundError } from "../../core/errors.ts";
import type { RefusalView } from "../../daemon/api/requests.ts";
import { foreignText } from "../foreign_text.ts";
import { defineTool, type Tool } from "../tool.ts";

/** Longest text of a refusal that is passed on, in UTF-16 units. */
const MAX_TEXT = 1_024;

/** Tells why a request was refused. */
export const explainDenial: Tool = defineTool({
  name: "wispkey_explain_denial",
  title: "Explain a denial",
  description:
    "Tells why the proxy refused a request, by the id in the refusal: error.request_id in its JSON, or the header " +
    "X-WispKey-Request-Id. Says which credential and policy it was about, and what to do next.",
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
  input: z.strictObject({
    request_id: z.string().regex(/^req_[0-9a-f]{18}$/).describe("For example req_0123456789abcdef01"),
  }),
  output: z.object({
    request_id: z.string(),
    at: z.string().describe("RFC 3339"),
    status: z.number().int().nullable(),
    code: z.string(),
    message: z.string().nullable(),
    hint: z.string().nullable().describe("Usually one exact command, for the person"),
    method: z.string().nullable(),
    host: z.string().nullable(),
    path: z.string().nullable(),
    credential: z.string().nullable(),
    policy: z.string().nullable(),
    caller: z.string().nullable(),
    next: z.string().describe("What to do next"),
  }),
  async run({ request_id: id }, { daemon }) {
    const { refusal } = await daemon.call("request.explain", { id });
    if (refusal === null) {
      throw new NotFoundError("nothing is known of a request with this id", {
        code: "request_not_found",
        hint: "make the request again, and ask about the id of its refusal",
      });
    }
    return {
      structured: {
        request_id: id,
        at: new Date(refusal.at).toISOString(),
        status: refusal.status,
        code: shown(refusal.code) ?? "denied",
        message: shown(refusal.message),
        hint: shown(refusal.hint),
        method: shown(refusal.method),
        host: shown(refusal.host),
        path: shown(refusal.path),
        credential: shown(refusal.credential),
        policy: shown(refusal.policy),
        caller: shown(refusal.caller),
        next: nextStep(refusal),
      },
    };
  },
});

function shown(text: string | null): string | null {
  return text === null ? null : foreignText(text, MAX_TEXT);
}

const ASK = "Ask the person with wispkey_request_access; only they can widen it.";

const NEXT_STEPS: Readonly<Record<string, string>> = {
  host_not_allowed: `The credential may not go to this host. ${ASK}`,
  misplaced_token: "Put the token where wispkey_how_to_call says, and nowhere else in the request.",
  unknown_token: "Get the token anew with wispkey_get_token; it may belong to another project.",
  retired_token: "The token was replaced. Get the new one with wispkey_get_token.",
  vault_locked: "The vault is locked. A person has to run wispkey unlock.",
  rate_limited: "Too many requests for a policy. Wait for the time in Retry-After, then try again.",
  policy_denied: `A policy of the person forbids it. Do it another way, or: ${ASK}`,
  policy_invalid:
    "The policy file cannot be read, so nothing is allowed. A person has to run wispkey policy check.",
  approval_denied: "The person refused it. Do not ask for the same again; ask them what they want instead.",
  approval_timed_out:
    "Nobody answered in time. Tell the person, and make the request again when they are there.",
  credential_tampered: "The credential was changed outside WispKey. A person has to run wispkey doctor.",
  address_refused: "The host has a private address. A person can allow it; see the hint.",
};

function nextStep({ code, policy }: RefusalView): string {
  const known = NEXT_STEPS[code];
  if (known !== undefined) return known;
  return policy === null
    ? "Read message and hint; if a person has to act, tell them."
    : NEXT_STEPS["policy_denied"] ?? ASK;
}
