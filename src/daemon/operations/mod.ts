/**
 * The table of operations that work on the vault; those that concern the process itself are in `../control.ts`.
 *
 * @module
 */

import type { OperationName } from "../api.ts";
import { addMany } from "./add_many.ts";
import { getBackup, listBackups, putBackup, removeBackups } from "./backups.ts";
import * as approvals from "./approvals.ts";
import { acceptVault, exportAudit, pruneAudit, queryAudit, verifyAudit, verifyVault } from "./audit.ts";
import { initAuthority, renewAuthority, showAuthority } from "./ca.ts";
import * as callers from "./callers.ts";
import * as credentials from "./credentials.ts";
import { deletePartition, deleteProject } from "./delete_group.ts";
import { matchGuarded } from "./guard.ts";
import * as groups from "./groups.ts";
import { applyPolicies, examinePolicies, policyStatus } from "./policies.ts";
import { explainRequest } from "./requests.ts";
import { beginExport, exportValue } from "./exports.ts";
import * as imports from "./imports.ts";
import { listSettings, setSetting, unsetSetting } from "./settings.ts";
import type { Operation } from "./types.ts";

/** Names of the operations that work on the vault. */
export type VaultOperationName = Exclude<
  OperationName,
  `daemon.${string}` | `proxy.${string}` | "caller.hold"
>;

/** Every operation on the vault by its name. */
export const VAULT_OPERATIONS: { readonly [N in VaultOperationName]: Operation<N> } = {
  "credential.list": credentials.list,
  "credential.get": credentials.get,
  "credential.add": credentials.add,
  "credential.add_many": addMany,
  "credential.edit": credentials.edit,
  "credential.remove": credentials.remove,
  "credential.rotate": credentials.rotate,
  "credential.replace_value": credentials.replaceValue,
  "credential.confirm": credentials.confirm,
  "credential.reveal": credentials.reveal,
  "project.list": groups.listProjects,
  "project.create": groups.createProject,
  "project.rename": groups.renameProject,
  "project.delete": deleteProject,
  "partition.create": groups.createPartition,
  "partition.list": groups.listPartitions,
  "partition.rename": groups.renamePartition,
  "partition.delete": deletePartition,
  "import.stage": imports.stage,
  "import.commit": imports.commit,
  "import.abort": imports.abort,
  "export.begin": beginExport,
  "export.value": exportValue,
  "config.list": listSettings,
  "config.set": setSetting,
  "config.unset": unsetSetting,
  "ca.init": initAuthority,
  "ca.show": showAuthority,
  "ca.renew": renewAuthority,
  "policy.status": policyStatus,
  "policy.examine": examinePolicies,
  "policy.apply": applyPolicies,
  "approvals.list": approvals.listApprovals,
  "approvals.approve": approvals.approve,
  "approvals.deny": approvals.deny,
  "approvals.ask_access": approvals.askAccess,
  "audit.query": queryAudit,
  "audit.verify": verifyAudit,
  "audit.export": exportAudit,
  "audit.prune": pruneAudit,
  "caller.open": callers.openCaller,
  "caller.list": callers.listCallers,
  "caller.revoke": callers.revokeCaller,
  "environment.match": callers.matchEnvironment,
  "environment.reveal": callers.revealEnvironment,
  "guard.match": matchGuarded,
  "backup.put": putBackup,
  "backup.list": listBackups,
  "backup.get": getBackup,
  "backup.remove": removeBackups,
  "request.explain": explainRequest,
  "vault.accept": acceptVault,
  "vault.verify": verifyVault,
};

/** Whether a text names an operation on the vault. */
export function isVaultOperation(name: string): name is VaultOperationName {
  return Object.hasOwn(VAULT_OPERATIONS, name);
}
