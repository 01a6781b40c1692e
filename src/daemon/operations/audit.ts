/**
 * Operations that read the log and check the vault.
 *
 * @module
 */

import { verifyFindings } from "../findings.ts";
import type { Operation } from "./types.ts";

/** `audit.query`: rows of the log, newest first. Works locked. */
export const queryAudit: Operation<"audit.query"> = {
  shape: {
    "last?": "count",
    "credential?": "string",
    "since?": "count",
    "until?": "count",
    "afterSeq?": "count",
  },
  need: "nothing",
  run({ vault, settleAudit }, filter) {
    settleAudit();
    return { result: { rows: vault.audit.query(filter) } };
  },
};

/** `vault.verify`: checks every row; each bad one is named. */
export const verifyVault: Operation<"vault.verify"> = {
  shape: {},
  need: "key",
  run({ vault, settleAudit }) {
    settleAudit();
    return { result: { findings: verifyFindings(vault.verify()) } };
  },
};

/** `vault.accept`: settles that rows were removed or put back behind our back. Rows that are not intact stay refused. */
export const acceptVault: Operation<"vault.accept"> = {
  shape: {},
  need: "password",
  run({ vault }) {
    vault.acceptRows();
    return { result: { findings: verifyFindings(vault.verify()) } };
  },
};
