/**
 * The operations on many credentials of a fake vault.
 *
 * @module
 */

import type { OperationName, Params } from "../../src/daemon/api.ts";

/** Runs an operation on many credentials; undefined if it is none. */
export function runImportOperation(
  name: OperationName,
  params: Params<OperationName>,
): unknown {
  if (name === "environment.match") return { matches: [] };
  if (name === "backup.list") return { backups: [] };
  if (name !== "credential.add_many") return undefined;
  const { credentials } = params as Params<"credential.add_many">;
  return { added: credentials.map(({ name }) => ({ id: name, name, token: `wk_${name}_a7x9m2k4b8c1d5e6` })) };
}
