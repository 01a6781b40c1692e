/**
 * Recorded requests with the verdicts that are expected for them: a TOML file of `[[request]]` tables.
 *
 * @module
 */

import { DEFAULT_PROJECT } from "../credential.ts";
import { FailedError } from "../errors.ts";
import { parseTarget } from "../target.ts";
import { parseSize } from "./amounts.ts";
import { Fields, isMoment, kindOf, Mistakes } from "./fields.ts";
import { parseMethod } from "./method.ts";
import { didYouMean, type PolicyMistake, quoted, ValueMistake } from "./mistake.ts";
import { readMoment } from "./read_policy.ts";
import { type PlacedTable, readTables, type TableKind } from "./tables.ts";
import type { PolicyQuestion } from "./verdict.ts";

/** Largest file of recorded requests, bytes. */
export const MAX_RECORDED_BYTES = 16 * 1024 * 1024;
/** Most requests in a file. */
const MAX_RECORDED = 100_000;

/** What may be expected of policies. */
export const EXPECTATIONS = ["allow", "deny", "approve", "limit"] as const;
/** One of {@linkcode EXPECTATIONS}. */
export type Expectation = typeof EXPECTATIONS[number];

/** One request of the file. */
export interface RecordedRequest {
  /** Line of its header. */
  readonly line: number;
  /** What policies are asked. */
  readonly question: PolicyQuestion;
  /** The URL as it was written. */
  readonly url: string;
  /** When, ms since the epoch; null for when the one before it was, or now. */
  readonly at: number | null;
  /** What they must answer. */
  readonly expect: Expectation;
  /** Name of the policy that must be the one to decide; null for any. */
  readonly policy: string | null;
}

/** What a file says, or what is wrong with it. */
export type ParsedRecording =
  | { readonly ok: true; readonly requests: readonly RecordedRequest[] }
  | { readonly ok: false; readonly mistakes: readonly [PolicyMistake, ...PolicyMistake[]] };

const REQUESTS: TableKind = {
  key: "request",
  file: "a file of recorded requests",
  one: "request",
  many: "requests",
  max: MAX_RECORDED,
};

const KEYS = ["credential", "project", "caller", "method", "url", "at", "body_size", "expect", "policy"];

/**
 * Reads recorded requests.
 *
 * @example
 * ```ts
 * import { parseRecording } from "./recorded.ts";
 *
 * const read = parseRecording('[[request]]\ncredential = "a"\nurl = "https://a.test/"\nexpect = "allow"\n');
 * console.assert(read.ok && read.requests.length === 1);
 * ```
 */
export function parseRecording(text: string): ParsedRecording {
  const mistakes = new Mistakes(text);
  const requests = readTables(text, REQUESTS, mistakes).flatMap((placed) =>
    readRequest(placed, mistakes) ?? []
  );
  const [first, ...others] = mistakes.found;
  return first === undefined ? { ok: true, requests } : { ok: false, mistakes: [first, ...others] };
}

function readRequest({ table, node }: PlacedTable, mistakes: Mistakes): RecordedRequest | null {
  if (typeof table !== "object" || table === null || Array.isArray(table) || isMoment(table)) {
    mistakes.at(node.value, `a request is a table, not ${kindOf(table)}`);
    return null;
  }
  const fields = new Fields(table as Record<string, unknown>, node, mistakes);
  fields.refuseUnknown(KEYS, "a request");
  for (const key of ["credential", "url", "expect"]) {
    if (!fields.has(key)) fields.wrongKey(key, `a request needs ${key}`);
  }
  const name = fields.text("credential", notBlank) ?? "";
  const project = fields.text("project", notBlank) ?? DEFAULT_PROJECT;
  const url = fields.text("url", (text) => ({ text, target: readTarget(text) }));
  const expect = fields.text("expect", readExpectation);
  const policy = fields.text("policy", notBlank);
  if (policy !== null && expect === "allow") {
    fields.wrongKey("policy", "no policy decides where all allow: leave it out");
  }
  const request = {
    line: mistakes.line(node.key),
    at: fields.any("at", (value) => readMoment(value, "at")),
    caller: fields.text("caller", notBlank),
    method: fields.text("method", parseMethod) ?? "GET",
    bodyBytes: fields.any("body_size", readSize) ?? 0,
  };
  if (url === null || expect === null) return null;
  const { line, at, caller, method, bodyBytes } = request;
  const { scheme, host, port, path } = url.target;
  return {
    line,
    question: {
      credential: { id: `${project}/${name}`, name, project },
      caller,
      method,
      methodOverridden: false,
      scheme,
      host,
      port,
      path,
      bodyBytes,
    },
    url: url.text,
    at,
    expect,
    policy,
  };
}

function notBlank(text: string): string {
  if (text.trim() === "") throw new ValueMistake("it is blank");
  return text;
}

function readTarget(text: string): ReturnType<typeof parseTarget> {
  try {
    return parseTarget(text);
  } catch (error) {
    if (error instanceof FailedError) throw new ValueMistake(`${quoted(text)}: ${error.message}`);
    throw error;
  }
}

function readExpectation(text: string): Expectation {
  const found = EXPECTATIONS.find((each) => each === text);
  if (found !== undefined) return found;
  const meant = didYouMean(text, EXPECTATIONS, `write one of ${EXPECTATIONS.join(", ")}`);
  throw new ValueMistake(`unknown verdict ${quoted(text)}${meant}`);
}

function readSize(value: unknown): number {
  if (typeof value === "string" || typeof value === "number") return parseSize(value);
  throw new ValueMistake(
    `body_size must be a number of bytes or a text such as "64KiB", not ${kindOf(value)}`,
  );
}
