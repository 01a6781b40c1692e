/**
 * `wispkey policy test`.
 *
 * @module
 */

import { ExitCode } from "../../core/errors.ts";
import { escapeText } from "../../core/name.ts";
import { mistakeText } from "../../core/policy/mistake.ts";
import { MAX_RECORDED_BYTES, parseRecording } from "../../core/policy/recorded.ts";
import { replay, type ReplayedRequest, verdictText } from "../../core/policy/replay.ts";
import type { Verb } from "../spec.ts";
import { rfc3339 } from "../time.ts";
import { policiesInForce } from "./in_force.ts";
import { mistakeJson, readText } from "./source.ts";

/** Options of `policy test`. */
export interface TestOptions {
  /** File of recorded requests, `-` for standard input. */
  path: string;
  /** Policy file to test; undefined = those in force. */
  policies: string | undefined;
}

/** Puts recorded requests before the policies and compares the answers. */
export const policyTest: Verb<TestOptions> = {
  parse(args) {
    return { path: args.positional(0), policies: args.text("policies") };
  },

  async run({ path, policies }, io) {
    const read = parseRecording(await readText(io, path, MAX_RECORDED_BYTES));
    if (!read.ok) {
      const lines = read.mistakes.map((mistake) => mistakeText(path, mistake));
      await io.output.result({ ok: false, requests: 0, mistakes: read.mistakes.map(mistakeJson) }, lines);
      return ExitCode.failed;
    }
    const sources = await policiesInForce(io, policies, "test the policies");
    const replayed = replay(sources, read.requests, io.now());
    const failed = replayed.filter(({ ok }) => !ok);
    const count = replayed.length === 1 ? "1 request" : `${replayed.length} requests`;
    const lines = failed.flatMap((each) => failureLines(path, each));
    await io.output.result(
      { ok: failed.length === 0, requests: replayed.length, failed: failed.map(failureJson) },
      io.output.quiet ? lines : [...lines, `${count}: ${failed.length} not as expected.`],
    );
    return failed.length === 0 ? ExitCode.done : ExitCode.failed;
  },
};

function failureLines(path: string, { request, verdict }: ReplayedRequest): string[] {
  const { line, question, url, expect, policy } = request;
  const wanted = policy === null ? expect : `${expect} by policy '${policy}'`;
  return [
    `${path}:${line}: ${question.method} ${url} with '${question.credential.name}'`,
    `  expected ${wanted}`,
    `  got ${verdictText(verdict)}`,
  ].map(escapeText);
}

function failureJson({ request, verdict }: ReplayedRequest): Record<string, unknown> {
  const { line, question, url, at, expect, policy } = request;
  return {
    line,
    credential: question.credential.name,
    project: question.credential.project,
    caller: question.caller,
    method: question.method,
    url,
    at: rfc3339(at),
    expected: expect,
    expected_policy: policy,
    got: verdict.kind,
    policy: "policy" in verdict ? verdict.policy : null,
    reason: "reason" in verdict ? verdict.reason : null,
  };
}
