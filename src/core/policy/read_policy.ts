/**
 * Reads one `[[policy]]` table.
 *
 * @module
 */

import { UsageError } from "../errors.ts";
import { checkName } from "../name.ts";
import { parseRate, parseSize } from "./amounts.ts";
import { Fields, isMoment, kindOf, type Mistakes } from "./fields.ts";
import { parseHostRule } from "./host_rule.ts";
import { parseMethod } from "./method.ts";
import { didYouMean, quoted, ValueMistake } from "./mistake.ts";
import { parseNameGlob } from "./name_glob.ts";
import { parsePathRule } from "./path_rule.ts";
import type { ApprovalRule, Policy, RateKey } from "./policy.ts";
import type { TomlNode } from "./positions.ts";
import { ALL_DAYS, parseDaysAndZone, parseTimeWindow, type Schedule, type SchedulePart } from "./schedule.ts";

/** What reading depends on besides the text. */
export interface ParseOptions {
  /** Zone of times that name none; the machine's own by default. */
  readonly localZone?: string;
}

const SELECTORS = ["credential", "caller", "agent", "project"];
const CLAUSES = [
  "allowed_hosts",
  "denied_hosts",
  "allowed_methods",
  "allowed_paths",
  "denied_paths",
  "rate_limit",
  "time_window",
  "days",
  "deny",
  "require_approval",
  "max_body",
  "expires",
];

/** Every key of a policy. */
export const POLICY_KEYS: readonly string[] = ["name", ...SELECTORS, ...CLAUSES, "rate_key", "monitor"];

/** Reads the tables of one file. */
export class PolicyReader {
  readonly #mistakes: Mistakes;
  readonly #options: ParseOptions;
  /** Line of each policy by its name. */
  readonly #lines = new Map<string, number>();
  // The same names, hosts and paths stand in many policies of a long file.
  readonly #nameGlob = remembering(parseNameGlob);
  readonly #hostRule = remembering(parseHostRule);
  readonly #pathRule = remembering(parsePathRule);

  /** A reader that notes what is wrong in `mistakes`. */
  constructor(mistakes: Mistakes, options: ParseOptions = {}) {
    this.#mistakes = mistakes;
    this.#options = options;
  }

  /** Reads one table; null if it is none. If there was a mistake in it, the result means nothing. */
  read(table: unknown, node: TomlNode): Policy | null {
    if (typeof table !== "object" || table === null || Array.isArray(table) || isMoment(table)) {
      this.#mistakes.at(node.value, `a policy is a table, not ${kindOf(table)}`);
      return null;
    }
    const fields = new Fields(table as Record<string, unknown>, node, this.#mistakes);
    const hasUnknown = fields.refuseUnknown(POLICY_KEYS);
    const line = this.#mistakes.line(node.key);
    const names = (key: string) => fields.list(key, this.#nameGlob, { single: true });
    if (fields.has("caller") && fields.has("agent")) {
      fields.wrongKey("agent", "'agent' is the older name of 'caller': write one of them");
    }
    const policy: Policy = {
      name: this.#name(fields, line),
      line,
      credential: names("credential"),
      caller: names("caller") ?? names("agent"),
      project: names("project"),
      allowedHosts: fields.list("allowed_hosts", this.#hostRule),
      deniedHosts: fields.list("denied_hosts", this.#hostRule),
      allowedMethods: fields.list("allowed_methods", parseMethod),
      allowedPaths: fields.list("allowed_paths", this.#pathRule),
      deniedPaths: fields.list("denied_paths", this.#pathRule),
      rateLimit: fields.text("rate_limit", parseRate),
      rateKey: fields.text("rate_key", parseRateKey) ?? "credential",
      schedule: readSchedule(fields, this.#options),
      maxBody: fields.any("max_body", readSize),
      expires: fields.any("expires", (value) => readMoment(value, "expires")),
      deny: fields.flag("deny"),
      approval: readApproval(fields),
      monitor: fields.flag("monitor"),
    };
    checkTogether(policy, fields, hasUnknown);
    return policy;
  }

  #name(fields: Fields, line: number): string {
    if (!fields.has("name")) fields.wrongKey("name", 'a policy needs a name: name = "reads-only"');
    const name = fields.text("name", parseName);
    if (name === null) return "";
    const before = this.#lines.get(name);
    if (before === undefined) this.#lines.set(name, line);
    else fields.wrongValue("name", `the policy in line ${before} is named ${quoted(name)} too`);
    return name;
  }
}

function remembering<T>(convert: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    let value = known.get(text);
    if (value === undefined) known.set(text, value = convert(text));
    return value;
  };
}

function parseName(text: string): string {
  try {
    return checkName(text, "policy");
  } catch (error) {
    if (error instanceof UsageError) throw new ValueMistake(error.message);
    throw error;
  }
}

/** Keys that contradict or do nothing beside each other. */
function checkTogether(policy: Policy, fields: Fields, hasUnknown: boolean): void {
  if (fields.has("rate_key") && !fields.has("rate_limit")) {
    fields.wrongKey("rate_key", "rate_key does nothing without rate_limit");
  }
  // A key that is misspelled is the mistake then, not its absence.
  if (!hasUnknown && !CLAUSES.some((key) => fields.has(key))) {
    fields.wrongKey("name", `the policy restricts nothing: add one of ${CLAUSES.join(", ")}`);
  }
  if (policy.deny) {
    const idle = CLAUSES.find((key) => key !== "deny" && fields.has(key));
    if (idle !== undefined) {
      fields.wrongKey(idle, `${idle} does nothing beside deny = true, which denies all use`);
    }
  }
  if (policy.monitor && policy.approval !== false) {
    fields.wrongKey(
      "require_approval",
      "a policy that only monitors asks nobody: put require_approval into another",
    );
  }
  for (const [i, denied] of (policy.deniedHosts ?? []).entries()) {
    if (policy.allowedHosts?.some(({ text }) => text === denied.text)) {
      fields.wrongValue("denied_hosts", `${quoted(denied.text)} is in allowed_hosts too`, i);
    }
  }
  for (const [i, denied] of (policy.deniedPaths ?? []).entries()) {
    if (policy.allowedPaths?.some(({ glob }) => glob === denied.glob)) {
      fields.wrongValue("denied_paths", `${quoted(denied.text)} is in allowed_paths too`, i);
    }
  }
}

function readSchedule(fields: Fields, { localZone }: ParseOptions): Schedule | null {
  const window = fields.text("time_window", parseTimeWindow);
  const days = readDays(fields);
  if (window === null && days === null) return null;
  if (window?.days != null && days !== null) {
    fields.wrongKey("days", "time_window names days already");
  }
  if (window?.zone != null && days?.zone != null && window.zone !== days.zone) {
    fields.wrongValue("days", `days are in ${days.zone}, time_window is in ${window.zone}`);
  }
  return {
    start: window?.times?.start ?? 0,
    end: window?.times?.end ?? 1440,
    days: window?.days ?? days?.days ?? ALL_DAYS,
    zone: window?.zone ?? days?.zone ?? localZone ?? Temporal.Now.timeZoneId(),
  };
}

function readDays(fields: Fields): SchedulePart | null {
  const parts = fields.list("days", parseDaysAndZone, { single: true });
  if (parts === null || parts.length === 0) return null;
  let days = 0;
  let zone: string | null = null;
  for (const [i, part] of parts.entries()) {
    if ((days & (part.days ?? 0)) !== 0) fields.wrongValue("days", "a day is named twice in days", i);
    if (zone !== null && part.zone !== null && zone !== part.zone) {
      fields.wrongValue("days", "days are in two time zones: write two policies", i);
    }
    days |= part.days ?? 0;
    zone ??= part.zone;
  }
  return { times: null, days, zone };
}

function readApproval(fields: Fields): boolean | readonly ApprovalRule[] {
  const given = fields.any("require_approval", (value) => value);
  if (given === null) return false;
  if (!Array.isArray(given) && typeof given !== "string") {
    if (typeof given === "boolean") return given;
    const message =
      `require_approval must be true, false or a list of requests: ["POST", "DELETE /v1/**"], not ${
        kindOf(given)
      }`;
    fields.wrongValue("require_approval", message);
    return false;
  }
  return fields.list("require_approval", parseApproval, { single: true }) ?? false;
}

function parseApproval(text: string): ApprovalRule {
  const parts = /^(\S+)(?:\s+(\S+))?$/.exec(text);
  const [, first = "", second] = parts ?? [];
  if (parts === null) {
    throw new ValueMistake(
      `${quoted(text)} names no requests: write a method, a path or both: 'POST /v1/**'`,
    );
  }
  const isPath = second === undefined && first.startsWith("/");
  const method = isPath || first === "*" ? null : parseMethod(first);
  const path = isPath ? first : second;
  return { text, method, path: path === undefined ? null : parsePathRule(path) };
}

function parseRateKey(text: string): RateKey {
  if (text === "credential" || text === "caller") return text;
  const meant = didYouMean(text, ["credential", "caller"], 'write "credential" or "caller"');
  throw new ValueMistake(`unknown rate key ${quoted(text)}${meant}`);
}

function readSize(value: unknown): number {
  if (typeof value === "string" || typeof value === "number") return parseSize(value);
  throw new ValueMistake(
    `max_body must be a number of bytes or a text such as "64KiB", not ${kindOf(value)}`,
  );
}

/**
 * Reads a moment, ms since the epoch: a TOML date-time, or a text, in either case with its offset from UTC.
 *
 * @param key what it is called in messages
 * @throws {ValueMistake}
 */
export function readMoment(value: unknown, key: string): number {
  const example = "2027-01-31T17:00:00-05:00";
  if (typeof value === "string") {
    const isMoment = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[-+]\d\d:\d\d)$/i.test(value);
    const at = isMoment ? Date.parse(value.replace(" ", "T")) : Number.NaN;
    if (!Number.isNaN(at)) return at;
    throw new ValueMistake(`${quoted(value)} is no moment: write date, time and offset: ${example}`);
  }
  if (!isMoment(value)) {
    throw new ValueMistake(`${key} must be a moment such as ${example}, not ${kindOf(value)}`);
  }
  if (!value.isDateTime() || value.isLocal()) {
    throw new ValueMistake(`${key} must say where its time is: write the offset behind it: ${example}`);
  }
  return value.getTime();
}
