/**
 * What a change of policies means: which uses it allows that were denied before, and the other way round.
 *
 * @module
 */

import type { NameGlob } from "./name_glob.ts";
import type { ApprovalRule, Policy } from "./policy.ts";
import { isWithin, type Schedule, scheduleText } from "./schedule.ts";

/** `tighter` denies more, `looser` allows more, `other` may do both or neither. */
export type ChangeEffect = "tighter" | "looser" | "other";

/** One difference between two files. */
export interface PolicyChange {
  /** Name of the policy. */
  readonly policy: string;
  /** What it does to verdicts. */
  readonly effect: ChangeEffect;
  /** What it is: `allowed_hosts: adds 'a.test'`. */
  readonly text: string;
}

/**
 * The differences from one file to another, policy by policy, looser ones first.
 *
 * @example
 * ```ts
 * import { comparePolicies } from "./difference.ts";
 *
 * console.assert(comparePolicies([], []).length === 0);
 * ```
 */
export function comparePolicies(before: readonly Policy[], after: readonly Policy[]): PolicyChange[] {
  const old = new Map(before.map((policy) => [policy.name, policy]));
  const changes: PolicyChange[] = [];
  for (const policy of after) {
    const { name, monitor } = policy;
    const known = old.get(name);
    old.delete(name);
    if (known !== undefined) changes.push(...comparePolicy(known, policy));
    else changes.push({ policy: name, effect: monitor ? "other" : "tighter", text: "is new" });
  }
  for (const { name, monitor } of old.values()) {
    changes.push({ policy: name, effect: monitor ? "other" : "looser", text: "is gone" });
  }
  const order: readonly ChangeEffect[] = ["looser", "other", "tighter"];
  return changes.toSorted((a, b) => order.indexOf(a.effect) - order.indexOf(b.effect));
}

function comparePolicy(before: Policy, after: Policy): PolicyChange[] {
  const { name } = after;
  const changes: PolicyChange[] = [];
  const add = (key: string, change: Change | null) => {
    if (change === null) return;
    // What only monitors denies nothing, whatever it says.
    const effect = before.monitor && after.monitor ? "other" : change.effect;
    changes.push({ policy: name, effect, text: `${key}: ${change.text}` });
  };
  // The more a policy is about, the tighter; the more it allows, the looser.
  add("credential", lists(globs(before.credential), globs(after.credential), "tighter"));
  add("caller", lists(globs(before.caller), globs(after.caller), "tighter"));
  add("project", lists(globs(before.project), globs(after.project), "tighter"));
  add("allowed_hosts", lists(texts(before.allowedHosts), texts(after.allowedHosts), "looser"));
  add("allowed_methods", lists(before.allowedMethods, after.allowedMethods, "looser"));
  add("allowed_paths", lists(texts(before.allowedPaths), texts(after.allowedPaths), "looser"));
  add("denied_hosts", lists(texts(before.deniedHosts) ?? [], texts(after.deniedHosts) ?? [], "tighter"));
  add("denied_paths", lists(texts(before.deniedPaths) ?? [], texts(after.deniedPaths) ?? [], "tighter"));
  add("rate_limit", rates(before, after));
  add("time_window", schedules(before.schedule, after.schedule));
  add("max_body", limits(before.maxBody, after.maxBody, String));
  add("expires", limits(before.expires, after.expires, (at) => new Date(at).toISOString()));
  add("deny", flags(before.deny, after.deny));
  add("require_approval", approvals(before.approval, after.approval));
  add("monitor", flags(!before.monitor, !after.monitor, after.monitor));
  return changes;
}

interface Change {
  effect: ChangeEffect;
  text: string;
}

/** Null, "everything", is the greatest list. */
function lists(
  before: readonly string[] | null,
  after: readonly string[] | null,
  larger: "tighter" | "looser",
): Change | null {
  const smaller = larger === "tighter" ? "looser" : "tighter";
  if (before === null || after === null) {
    if (before === after) return null;
    return after === null
      ? { effect: larger, text: "is taken out" }
      : { effect: smaller, text: `is now ${quotedList(after)}` };
  }
  const added = after.filter((item) => !before.includes(item));
  const removed = before.filter((item) => !after.includes(item));
  if (added.length === 0 && removed.length === 0) return null;
  const words: string[] = [];
  if (added.length > 0) words.push(`adds ${quotedList(added)}`);
  if (removed.length > 0) words.push(`removes ${quotedList(removed)}`);
  const effect = removed.length === 0 ? larger : added.length === 0 ? smaller : "other";
  return { effect, text: words.join(", ") };
}

function rates({ rateLimit: before, rateKey: oldKey }: Policy, after: Policy): Change | null {
  const { rateLimit, rateKey } = after;
  if (before === null && rateLimit === null) return null;
  if (before === null) return { effect: "tighter", text: `is now ${rateLimit?.text}` };
  if (rateLimit === null) return { effect: "looser", text: "is taken out" };
  if (oldKey !== rateKey) return { effect: "other", text: `is counted by ${rateKey}, not by ${oldKey}` };
  if (before.limit === rateLimit.limit && before.windowMs === rateLimit.windowMs) return null;
  const text = `${before.text} becomes ${rateLimit.text}`;
  if (rateLimit.limit <= before.limit && rateLimit.windowMs >= before.windowMs) {
    return { effect: "tighter", text };
  }
  if (rateLimit.limit >= before.limit && rateLimit.windowMs <= before.windowMs) {
    return { effect: "looser", text };
  }
  return { effect: "other", text };
}

function schedules(before: Schedule | null, after: Schedule | null): Change | null {
  if (before === null && after === null) return null;
  if (before === null) {
    return { effect: "tighter", text: `is now ${after === null ? "" : scheduleText(after)}` };
  }
  if (after === null) return { effect: "looser", text: "is taken out" };
  const [old, next] = [scheduleText(before), scheduleText(after)];
  if (old === next) return null;
  return {
    effect: before.zone === after.zone ? hours(before, after) : "other",
    text: `${old} becomes ${next}`,
  };
}

/** Compares by the minutes of a week that each is open. */
function hours(before: Schedule, after: Schedule): ChangeEffect {
  let opens = false;
  let closes = false;
  const open = (schedule: Schedule, minute: number) =>
    isWithin({ ...schedule, zone: "UTC" }, minute * 60_000);
  for (let minute = 0; minute < 7 * 1440; minute++) {
    const was = open(before, minute);
    const is = open(after, minute);
    opens ||= is && !was;
    closes ||= was && !is;
  }
  return opens && closes ? "other" : opens ? "looser" : "tighter";
}

/** The less, the tighter; null is no limit. */
function limits(before: number | null, after: number | null, show: (value: number) => string): Change | null {
  if (before === after) return null;
  if (after === null) return { effect: "looser", text: "is taken out" };
  if (before === null) return { effect: "tighter", text: `is now ${show(after)}` };
  return { effect: after < before ? "tighter" : "looser", text: `${show(before)} becomes ${show(after)}` };
}

function flags(before: boolean, after: boolean, shown: boolean = after): Change | null {
  return before === after ? null : { effect: after ? "tighter" : "looser", text: `is now ${shown}` };
}

function approvals(before: Policy["approval"], after: Policy["approval"]): Change | null {
  const list = (approval: boolean | readonly ApprovalRule[]) =>
    approval === false ? [] : approval === true ? null : texts(approval);
  return lists(list(before), list(after), "tighter");
}

function globs(list: readonly NameGlob[] | null): string[] | null {
  return texts(list);
}

function texts(list: readonly { readonly text: string }[] | null): string[] | null {
  return list === null ? null : list.map(({ text }) => text);
}

function quotedList(items: readonly string[]): string {
  return items.length === 0 ? "nothing" : items.map((item) => `'${item}'`).join(", ");
}
