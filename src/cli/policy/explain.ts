/**
 * `wispkey policy explain`.
 *
 * @module
 */

import { ExitCode, FailedError, UsageError } from "../../core/errors.ts";
import { checkName, escapeText } from "../../core/name.ts";
import { parseSize } from "../../core/policy/amounts.ts";
import { explainUse, type Explanation, type PolicyOpinion } from "../../core/policy/explain.ts";
import { ValueMistake } from "../../core/policy/mistake.ts";
import { readMoment } from "../../core/policy/read_policy.ts";
import { policySummary } from "../../core/policy/summary.ts";
import type { PolicyQuestion, Verdict } from "../../core/policy/verdict.ts";
import { parseTarget } from "../../core/target.ts";
import type { CliIo } from "../io.ts";
import { activeProject } from "../project/active.ts";
import type { Verb } from "../spec.ts";
import { longTime, rfc3339 } from "../time.ts";
import { policiesInForce } from "./in_force.ts";

/** Options of `policy explain`. */
export interface ExplainOptions {
  /** The use; its project is still open if none was given. */
  question: Omit<PolicyQuestion, "credential">;
  /** Name of the credential. */
  credential: string;
  /** Its project; undefined = the active one. */
  project: string | undefined;
  /** The URL as it was given. */
  url: string;
  /** When, ms since the epoch. */
  at: number;
  /** Policy file; undefined = those in force. */
  policies: string | undefined;
}

const ANSWERS: Readonly<Record<Verdict["kind"], string>> = {
  allow: "Allowed",
  approve: "A person is asked",
  deny: "Denied",
  limit: "Too often",
  invalid: "Denied",
};

/** Says which policy decides about a use, and why. */
export const policyExplain: Verb<ExplainOptions> = {
  parse(args, io) {
    const url = required(args.text("url"), "url");
    const credential = checkName(required(args.text("credential"), "credential"), "credential");
    const caller = args.text("caller");
    const project = args.text("project");
    const at = args.text("at");
    const size = args.text("body-size");
    return {
      question: {
        ...targetOf(url),
        caller: caller === undefined ? null : checkName(caller, "caller"),
        method: args.text("method") ?? "GET",
        methodOverridden: false,
        bodyBytes: size === undefined ? 0 : converted("body-size", () => parseSize(size)),
      },
      credential,
      project: project === undefined ? undefined : checkName(project, "project"),
      url,
      at: at === undefined ? io.now() : converted("at", () => readMoment(at, "--at")),
      policies: args.text("policies"),
    };
  },

  async run(options, io) {
    const project = options.project ?? (await activeProject(io)).name;
    const name = options.credential;
    const question = { ...options.question, credential: { id: `${project}/${name}`, name, project } };
    const sources = await policiesInForce(io, options.policies, "explain the policies");
    const explanation = explainUse(sources, question, options.at);
    await io.output.result(json(options, question, explanation), lines(io, options, question, explanation));
    return ExitCode.done;
  },
};

function lines(
  io: CliIo,
  { url, at }: ExplainOptions,
  { credential, caller, method }: PolicyQuestion,
  { verdict, source, opinions }: Explanation,
): string[] {
  const who = caller === null ? "a caller without a name" : `caller ${caller}`;
  const why = verdict.kind === "allow"
    ? opinions.length === 0 ? "no policy is about this use" : "no policy objects"
    : "policy" in verdict
    ? `policy '${verdict.policy}'${source === null ? "" : ` (${source})`}: ${verdict.reason}`
    : verdict.reason;
  const head = [
    `${method} ${url}`,
    `with '${credential.name}' of project ${credential.project}, by ${who}, ${longTime(at)}`,
    "",
    `${ANSWERS[verdict.kind]}: ${why}.`,
  ].map(escapeText);
  if (opinions.length === 0 || io.output.quiet) return head;
  const table = io.output.table(
    [{ title: "POLICY" }, { title: "FROM" }, { title: "SAYS", shrinks: true, wraps: true }],
    opinions.map((opinion) => [opinion.policy.name, opinion.source, opinionText(opinion)]),
  );
  return [...head, "", ...table];
}

function opinionText({ policy, objection }: PolicyOpinion): string {
  const said = objection?.reason ??
    (policy.rateLimit === null
      ? "has nothing against it"
      : `has nothing against it within ${policy.rateLimit.text}`);
  return policy.monitor ? `monitors only: ${said}` : said;
}

function json(
  { url, at }: ExplainOptions,
  { credential, caller, method, bodyBytes }: PolicyQuestion,
  { verdict, source, opinions }: Explanation,
): Record<string, unknown> {
  return {
    credential: credential.name,
    project: credential.project,
    caller,
    method,
    url,
    at: rfc3339(at),
    body_size: bodyBytes,
    verdict: verdict.kind,
    policy: "policy" in verdict ? verdict.policy : null,
    clause: "clause" in verdict ? verdict.clause : null,
    reason: "reason" in verdict ? verdict.reason : null,
    source,
    policies: opinions.map(({ source, policy, objection }) => ({
      policy: policy.name,
      source,
      line: policy.line,
      monitor: policy.monitor,
      summary: policySummary(policy),
      clause: objection?.clause ?? null,
      reason: objection?.reason ?? null,
    })),
  };
}

function targetOf(url: string): Pick<PolicyQuestion, "scheme" | "host" | "port" | "path"> {
  try {
    const { scheme, host, port, path } = parseTarget(url);
    return { scheme, host, port, path };
  } catch (error) {
    if (!(error instanceof FailedError)) throw error;
    throw new UsageError(`invalid --url: ${error.message}`, {
      code: "invalid_option",
      hint: "--url https://HOST/PATH",
      cause: error,
    });
  }
}

function required(value: string | undefined, name: string): string {
  if (value !== undefined) return value;
  throw new UsageError(`cannot explain the policies: --${name} is missing`, {
    code: "missing_option",
    hint: "wispkey policy explain --credential NAME --method GET --url https://HOST/PATH",
  });
}

function converted<T>(option: string, convert: () => T): T {
  try {
    return convert();
  } catch (error) {
    if (!(error instanceof ValueMistake)) throw error;
    throw new UsageError(`invalid --${option}: ${error.message}`, {
      code: "invalid_option",
      hint: "wispkey policy explain --help",
      cause: error,
    });
  }
}
