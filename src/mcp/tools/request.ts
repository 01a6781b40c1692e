/**
 * `wispkey_request`.
 *
 * @module
 */

import { z } from "zod";
import { fromUtf8 } from "../../core/bytes.ts";
import { DeniedError, UsageError, type WispKeyError } from "../../core/errors.ts";
import { type CallPlan, withToken } from "../call_plan.ts";
import type { McpContext } from "../context.ts";
import { readUrl, tokenFor } from "../find_credential.ts";
import { FOREIGN_BODY_NOTICE, foreignText } from "../foreign_text.ts";
import type { Page } from "../pages.ts";
import { checkedFields, type Reply, send } from "../send.ts";
import { defineTool, type Tool } from "../tool.ts";
import { METHODS } from "./methods.ts";
import { MAX_NAME, MAX_URL } from "./limits.ts";

const DEFAULT_PAGE = 32 * 1024;
const MAX_PAGE = 256 * 1024;
const MAX_SENT = 1024 * 1024;
const MAX_FIELD_TEXT = 2_048;
const DEFAULT_SECONDS = 60;
const MAX_SECONDS = 600;

const input = z.strictObject({
  url: z.string().min(1).max(MAX_URL).optional().describe(
    "The host's own URL; required unless a cursor is given",
  ),
  method: z.enum(METHODS).optional().describe("GET by default, POST with a body"),
  headers: z.record(z.string().max(128), z.string().max(8_192)).optional().describe("Header fields"),
  body: z.string().max(MAX_SENT).optional().describe("Text of the body"),
  credential: z.string().min(1).max(MAX_NAME).optional().describe(
    "Put the token of this credential where it belongs; without it, write a token into the request yourself, or none",
  ),
  max_bytes: z.number().int().min(1).max(MAX_PAGE).optional().describe(
    "Bytes of the body in one answer; 32768 by default",
  ),
  timeout_seconds: z.number().int().min(1).max(MAX_SECONDS).optional().describe(
    "For all of it, waiting for an approval included; 60 by default",
  ),
  cursor: z.string().max(64).optional().describe("next_cursor of an answer: reads on; nothing is sent"),
});

const output = z.object({
  status: z.number().int().nullable().describe("HTTP status; null when reading on"),
  headers: z.array(z.object({ name: z.string(), value: z.string() })),
  body: z.object({
    encoding: z.enum(["text", "base64"]),
    content: z.string(),
    from: z.number().int(),
    to: z.number().int(),
    total: z.number().int().describe("Bytes that were received"),
  }),
  next_cursor: z.string().nullable().describe("Reads on; null at the end"),
  incomplete: z.string().nullable().describe("Why the body was not received to its end; null if it was"),
  notice: z.string(),
});

/** Makes a request through the proxy, for agents that cannot set one. */
export const request: Tool = defineTool({
  name: "wispkey_request",
  title: "Make an HTTP request",
  description:
    "Makes an HTTP request through the WispKey proxy and answers the response: the same policies, approvals, scrubbing and " +
    "log as for any program. Name the credential, and its token is put where it belongs. Redirects are answered, not " +
    `followed. Long bodies come in pages. ${FOREIGN_BODY_NOTICE}`,
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: true },
  input,
  output,
  async run(asked, context, signal) {
    const size = asked.max_bytes ?? DEFAULT_PAGE;
    if (asked.cursor !== undefined) return { structured: readOn(asked, asked.cursor, context, size) };
    const project = await context.project();
    const plan = await planOf(asked, context, project);
    const reply = await send(context, project, plan, {
      timeoutMs: (asked.timeout_seconds ?? DEFAULT_SECONDS) * 1000,
      signal,
    });
    if (reply.refusal !== null) throw refused(reply, reply.refusal);
    const page = context.pages.first({ bytes: reply.bytes, isText: isText(reply) }, size);
    return {
      structured: {
        ...pageAnswer(page),
        status: reply.status,
        headers: reply.headers.map(([name, value]) => ({
          name: foreignText(name, 128),
          value: foreignText(value, MAX_FIELD_TEXT),
        })),
        incomplete: reply.cut === null ? null : CUTS[reply.cut],
      },
    };
  },
});

const CUTS: Readonly<Record<NonNullable<Reply["cut"]>, string>> = {
  size: "it is longer than 8 MiB",
  time: "the time was up",
  connection: "the connection broke off",
};

function readOn(asked: z.output<typeof input>, cursor: string, { pages }: McpContext, size: number) {
  const { url, method, headers, body, credential } = asked;
  if ([url, method, headers, body, credential].some((field) => field !== undefined)) {
    throw new UsageError("cannot read on and send at once", {
      code: "cursor_and_request",
      hint: "give the cursor alone, or leave it out",
    });
  }
  return { ...pageAnswer(pages.next(cursor, size)), status: null, headers: [], incomplete: null };
}

async function planOf(
  asked: z.output<typeof input>,
  context: McpContext,
  project: string,
): Promise<CallPlan> {
  if (asked.url === undefined) {
    throw new UsageError("cannot send the request: it names no url", { code: "url_required" });
  }
  const { url, target } = readUrl(asked.url);
  const body = asked.body ?? null;
  const method = asked.method ?? (body === null ? "GET" : "POST");
  if (body !== null && (method === "GET" || method === "HEAD")) {
    throw new UsageError(`cannot send a body with ${method}`, { code: "body_not_allowed", hint: "use POST" });
  }
  const headers = checkedFields(asked.headers ?? {});
  const hasType = headers.some(([name]) => name.toLowerCase() === "content-type");
  if (body !== null && !hasType) {
    headers.push(["Content-Type", isJson(body) ? "application/json" : "text/plain"]);
  }
  const plan = { method, url, headers, body };
  if (asked.credential === undefined) return plan;
  const { slot, token } = await tokenFor(context, project, asked.credential, target);
  if (slot !== null) return withToken(plan, slot, token);
  throw new UsageError("cannot use the credential: it names no place for its token", {
    code: "place_required",
    hint: "a person has to edit it: wispkey edit NAME --in header:X-Api-Key",
  });
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false; // Any other text.
  }
}

/** Text is what can be read as UTF-8 and holds no NUL. */
function isText({ bytes }: Reply): boolean {
  if (bytes.includes(0)) return false;
  try {
    fromUtf8(bytes);
    return true;
  } catch {
    // A body that was cut off may end within a character; then it is passed on as bytes, which lose nothing.
    return false;
  }
}

function pageAnswer({ encoding, content, from, to, total, nextCursor }: Page) {
  return {
    body: { encoding, content, from, to, total },
    next_cursor: nextCursor,
    notice: FOREIGN_BODY_NOTICE,
  };
}

/** The proxy's own refusal as an error of the tool. */
function refused({ bytes }: Reply, { code, requestId }: NonNullable<Reply["refusal"]>): WispKeyError {
  let message = "the proxy refused the request";
  let hint: string | undefined;
  try {
    const { error } = JSON.parse(fromUtf8(bytes)) as { error?: { message?: unknown; hint?: unknown } };
    if (typeof error?.message === "string") message = error.message;
    if (typeof error?.hint === "string") hint = error.hint;
  } catch {
    // Without its JSON, as in the answer to HEAD, the code says enough.
  }
  const explain = requestId === null ? "" : ` (wispkey_explain_denial tells more of ${requestId})`;
  return new DeniedError(`${foreignText(message, 1_024)}${explain}`, {
    code,
    ...(hint === undefined ? {} : { hint: foreignText(hint, 1_024) }),
  });
}
