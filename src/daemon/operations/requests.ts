/**
 * Operations on requests that went through the proxy.
 *
 * @module
 */

import type { AuditRow } from "../../core/audit.ts";
import type { RefusalView } from "../api/requests.ts";
import type { Operation } from "./types.ts";

/** How many of the newest denials are looked through. */
const MAX_SEARCHED = 2_000;

/** `request.explain`: why a request was refused. */
export const explainRequest: Operation<"request.explain"> = {
  shape: { id: "string" },
  need: "nothing",
  async run({ vault, settleAudit, refusedRequests }, { id }) {
    const remembered = refusedRequests.find(id);
    if (remembered !== undefined) return { result: { refusal: { ...remembered } } };
    settleAudit();
    // The first row of an id: one that counts repeats comes later, and has its id too.
    const { rows } = await vault.audit.page({ denied: true, last: MAX_SEARCHED });
    const row = rows.findLast(({ requestId }) => requestId === id);
    return { result: { refusal: row === undefined ? null : ofRow(id, row) } };
  },
};

function ofRow(id: string, row: AuditRow): RefusalView {
  return {
    id,
    at: row.at,
    status: row.status ?? null,
    code: row.reason ?? "denied",
    message: null,
    hint: null,
    method: row.method ?? null,
    host: row.host ?? null,
    path: row.path ?? null,
    caller: row.caller ?? null,
    credential: row.credential ?? null,
    policy: row.policy ?? null,
  };
}
