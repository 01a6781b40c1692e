/**
 * Operations that read the log and check the vault.
 *
 * @module
 */

import { UsageError, WispKeyError } from "../../core/errors.ts";
import type { AuditVerdict, Vault } from "../../vault/mod.ts";
import type { Finding } from "../api.ts";
import { verifyFindings } from "../findings.ts";
import { checkLog } from "../log_check.ts";
import { pruneLog } from "../prune_log.ts";
import type { Operation } from "./types.ts";

/** `audit.query`: a page of the log, so that nobody makes us hold all of it. Works locked. */
export const queryAudit: Operation<"audit.query"> = {
  shape: {
    "last?": "count",
    "credential?": "string",
    "caller?": "string",
    "host?": "string",
    "event?": "string",
    "denied?": "boolean",
    "since?": "count",
    "until?": "count",
    "afterSeq?": "count",
    "upToSeq?": "count",
  },
  need: "nothing",
  async run({ vault, settleAudit }, filter) {
    settleAudit();
    return { result: await vault.audit.page(filter) };
  },
};

/** `audit.verify`: checks every row of the log; the first bad one is named. */
export const verifyAudit: Operation<"audit.verify"> = {
  shape: {},
  need: "key",
  async run({ vault, settleAudit }) {
    settleAudit();
    const verdict = await checkLog(vault);
    const { ok, badBlocks } = verdict;
    return {
      result: {
        ok,
        badSeq: ok ? null : verdict.badSeq,
        reason: ok ? null : verdict.reason,
        rows: ok ? verdict.rows : vault.audit.count(),
        unauthenticated: ok ? verdict.unauthenticated : 0,
        removedUpTo: vault.removedAuditRows(),
        last: ok ? verdict.last : vault.audit.head().seq,
        head: ok ? verdict.link.toHex() : null,
        indexChanged: badBlocks.length > 0,
      },
    };
  },
};

/** `audit.export`: writes down that rows are taken out of the log, before the first of them is read. */
export const exportAudit: Operation<"audit.export"> = {
  shape: { form: "string", target: "string", filtered: "boolean" },
  need: "key",
  run({ vault, settleAudit }, { form, target, filtered }) {
    if (!["ndjson", "csv"].includes(form) || !["file", "stdout"].includes(target)) {
      throw new UsageError("cannot export the log: 'form' or 'target' does not fit", {
        code: "bad_parameters",
      });
    }
    settleAudit();
    const after = vault.removedAuditRows();
    const place = target === "file" ? "a file" : "standard output";
    const which = filtered ? "chosen rows" : "all rows";
    vault.audit.append([{ event: "LogExported", reason: `${which} as ${form}, to ${place}` }], Date.now());
    return { result: { after, through: vault.audit.head().seq } };
  },
};

/** `audit.prune`: removes the oldest rows. What is left can still be checked. */
export const pruneAudit: Operation<"audit.prune"> = {
  shape: { before: "count|null", keep: "count|null" },
  need: "password",
  async run({ vault, settleAudit }, { before, keep }) {
    if (before === null && keep === null) {
      throw new UsageError("cannot remove rows of the log: neither age nor number is given", {
        code: "nothing_to_prune",
        hint: "wispkey log prune --keep 100000",
      });
    }
    settleAudit();
    const removed = await pruneLog(vault, {
      ...(before === null ? {} : { before }),
      ...(keep === null ? {} : { keep }),
    });
    return { result: { removed, removedUpTo: vault.removedAuditRows() } };
  },
};

/** `vault.verify`: checks every row; each bad one is named. */
export const verifyVault: Operation<"vault.verify"> = {
  shape: {},
  need: "key",
  async run({ vault, settleAudit }) {
    settleAudit();
    return { result: { findings: await findingsOf(vault) } };
  },
};

/** `vault.accept`: settles that rows were removed or put back behind our back. Rows that are not intact stay refused. */
export const acceptVault: Operation<"vault.accept"> = {
  shape: {},
  need: "password",
  async run({ vault }) {
    vault.acceptRows();
    return { result: { findings: await findingsOf(vault) } };
  },
};

async function findingsOf(vault: Vault): Promise<Finding[]> {
  let log: AuditVerdict | WispKeyError;
  try {
    log = await checkLog(vault);
  } catch (error) {
    if (!(error instanceof WispKeyError)) throw error;
    log = error;
  }
  return verifyFindings(vault.verify(() => {
    // A database that is damaged is a finding like the others.
    if (log instanceof WispKeyError) throw log;
    return log;
  }));
}
