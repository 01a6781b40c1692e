/**
 * The policies that a question is put to: those of one file, or those in force.
 *
 * @module
 */

import { FailedError } from "../../core/errors.ts";
import type { PolicySource } from "../../core/policy/explain.ts";
import { parsePolicies } from "../../core/policy/parse.ts";
import type { CliIo } from "../io.ts";
import { withVault } from "../session.ts";
import { checkHint, readPolicyFile, sourceOf } from "./source.ts";

/**
 * Reads them. In force are those that were applied and those of the file as it stands, both at once.
 *
 * @param path a policy file, for which no vault is needed; undefined = those in force
 * @param what the act in the infinitive, for messages
 * @throws {FailedError} `policy_invalid` if they cannot be understood.
 */
export async function policiesInForce(
  io: CliIo,
  path: string | undefined,
  what: string,
): Promise<PolicySource[]> {
  if (path !== undefined) return [await fileSource(io, path, path, what)];
  const status = await withVault(io, what, async (vault) => (await vault.call("policy.status", {})).result);
  if (status.spoiled !== null) {
    const { reason, hint } = status.spoiled;
    throw new FailedError(`cannot ${what}: no credential is used, because ${reason}`, {
      code: "policy_invalid",
      hint,
    });
  }
  if (status.file === "invalid") {
    const [first = "it holds mistakes"] = status.mistakes;
    throw new FailedError(`cannot ${what}: no credential is used, because of the policy file: ${first}`, {
      code: "policy_invalid",
      hint: "wispkey policy check",
    });
  }
  const sources: PolicySource[] = [];
  if (status.applied !== null) {
    const name = status.file === "applied" ? "applied and in the file" : "applied";
    sources.push(sourceOf(name, parsePolicies(status.applied), what, "wispkey policy apply"));
  }
  if (status.file === "different") sources.push(await fileSource(io, status.path, "file", what));
  return sources;
}

async function fileSource(io: CliIo, path: string, name: string, what: string): Promise<PolicySource> {
  const { read } = await readPolicyFile(io, path);
  if (!read.ok) return sourceOf(path, read, what, checkHint(path));
  return { name, policies: read.policies };
}
