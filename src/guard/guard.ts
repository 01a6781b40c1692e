/**
 * The guard as a whole: a hook's input in, its answer out.
 *
 * @module
 */

import type { Finding } from "../core/guard/finding.ts";
import { adviceOf, reasonOf } from "../core/guard/finding.ts";
import { judgeCommand, judgePath, judgeText } from "../core/guard/judge.ts";
import { escapeText } from "../core/name.ts";
import { answerOf, type HookAnswer, type Refusal } from "./answer.ts";
import type { Unasked } from "./ask_vault.ts";
import { candidatesOf } from "./candidates.ts";
import type { GuardOptions } from "./options.ts";
import { type HookRequest, readRequest, type Subject } from "./request.ts";

/** Asks the vault; see `askVault`. */
export type AskVault = (texts: readonly string[]) => Promise<readonly string[] | Unasked>;

const REFUSED: Readonly<Record<Subject["kind"], string>> = {
  command: "WispKey refused this command:",
  text: "WispKey refused this text:",
  path: "WispKey refused to have this file read:",
};

const UNASKED: Readonly<Record<Unasked, string>> = {
  locked: "the vault is locked, so its values could not be looked for (a person runs: wispkey unlock)",
  unreachable: "the daemon does not answer, so the vault's values could not be looked for (wispkey status)",
  too_many: "too many texts were asked about within a minute",
  exhausted:
    "far more different values were compared with the vault than an agent at work needs (wait, or a person runs: wispkey unlock)",
};

/** Judges a hook's input. What could not be judged passes with a note, unless the client asked for the contrary. */
export async function guard(
  input: string | null,
  options: GuardOptions,
  askVault: AskVault,
): Promise<HookAnswer> {
  let request: HookRequest;
  try {
    if (input === null) throw new TypeError("it is too large");
    request = readRequest(input, options.client);
  } catch (error) {
    const why = error instanceof SyntaxError ? "it is not JSON" : error instanceof Error ? error.message : "";
    const blank = { dialect: options.client ?? "claude", event: "PreToolUse" } as const;
    return unjudged(blank, `the hook's input cannot be read: ${why}`, options);
  }
  for (const subject of request.subjects) {
    const finding = judge(subject);
    if (finding !== null) return answerOf(request, refusal(subject.kind, finding));
  }
  const candidates = candidatesOf(request.subjects);
  if (candidates.length === 0) return answerOf(request, null);
  const found = await askVault(candidates);
  // Nobody runs into this by working, and who has used it up on purpose must not get the guard out of the way with it.
  if (found === "exhausted") return unjudged(request, UNASKED[found], { ...options, failClosed: true });
  if (typeof found === "string") return unjudged(request, UNASKED[found], options);
  if (found.length === 0) return answerOf(request, null);
  const what = found.map((name) => `'${escapeText(name)}'`).join(", ");
  const kind = request.subjects.find(({ kind }) => kind !== "path")?.kind ?? "text";
  return answerOf(request, refusal(kind, { code: "contains_vault_secret", what }));
}

function judge({ kind, text }: Subject): Finding | null {
  switch (kind) {
    case "command":
      return judgeCommand(text);
    case "text":
      return judgeText(text);
    case "path":
      return judgePath(text);
  }
}

function refusal(kind: Subject["kind"], finding: Finding): Refusal {
  return { reason: `${REFUSED[kind]} ${reasonOf(finding)}.`, advice: adviceOf(finding) };
}

function unjudged(
  request: Pick<HookRequest, "dialect" | "event">,
  why: string,
  { failClosed }: GuardOptions,
): HookAnswer {
  if (failClosed) return answerOf(request, { reason: `WispKey refused this: ${why}.`, advice: "" });
  const answer = answerOf(request, null);
  return { ...answer, stderr: `wispkey guard: ${why}\n` };
}
