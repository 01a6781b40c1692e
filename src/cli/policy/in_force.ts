/**
 * The policies that a question is put to: those of one file, or those in force.
 *
 * @module
 */

import type { PolicySource } from "../../core/policy/explain.ts";
import type { CliIo } from "../io.ts";
import { checkHint, policyFile, readPolicyFile, sourceOf } from "./source.ts";

/**
 * Reads them.
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
  const file = path ?? policyFile(io);
  const { read } = await readPolicyFile(io, file);
  return [sourceOf(file, read, what, checkHint(file))];
}
