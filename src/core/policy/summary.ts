/**
 * What a policy does, in one line for people.
 *
 * @module
 */

import type { Policy } from "./policy.ts";
import { scheduleText } from "./schedule.ts";

/** `aws-prod: only GET; not /admin/**; at most 10/minute`. Texts are as they were written, for the caller to escape. */
export function policySummary(policy: Policy): string {
  const { monitor } = policy;
  const about = aboutText(policy);
  const clauses = policy.deny ? ["no use at all"] : clausesOf(policy);
  return `${about}: ${clauses.join("; ")}${monitor ? " (monitors only)" : ""}`;
}

function aboutText({ credential, caller, project }: Policy): string {
  const parts = [credential === null ? "every credential" : texts(credential)];
  if (project !== null) parts.push(`of project ${texts(project)}`);
  if (caller !== null) parts.push(`by ${texts(caller)} or a caller without a name`);
  return parts.join(" ");
}

function clausesOf(policy: Policy): string[] {
  const { allowedHosts, deniedHosts, allowedMethods, allowedPaths, deniedPaths } = policy;
  const { rateLimit, rateKey, schedule, maxBody, expires, approval } = policy;
  const clauses: string[] = [];
  if (allowedMethods !== null) clauses.push(`only ${allowedMethods.join(", ")}`);
  if (allowedHosts !== null) clauses.push(`only to ${texts(allowedHosts)}`);
  if (deniedHosts !== null) clauses.push(`not to ${texts(deniedHosts)}`);
  if (allowedPaths !== null) clauses.push(`only ${texts(allowedPaths)}`);
  if (deniedPaths !== null) clauses.push(`not ${texts(deniedPaths)}`);
  if (rateLimit !== null) clauses.push(`at most ${rateLimit.text} for each ${rateKey}`);
  if (schedule !== null) clauses.push(`only ${scheduleText(schedule)}`);
  if (maxBody !== null) clauses.push(`bodies of at most ${maxBody} bytes`);
  if (expires !== null) clauses.push(`until ${new Date(expires).toISOString()}`);
  if (approval === true) clauses.push("a person is asked");
  else if (approval !== false) clauses.push(`a person is asked for ${texts(approval)}`);
  return clauses.length === 0 ? ["nothing"] : clauses;
}

function texts(list: readonly { readonly text: string }[]): string {
  return list.map(({ text }) => text).join(", ");
}
