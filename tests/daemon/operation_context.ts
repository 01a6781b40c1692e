import { ApprovalDesk } from "../../src/daemon/approvals/desk.ts";
import { GuessBudget } from "../../src/daemon/guess_budget.ts";
import type { OperationContext } from "../../src/daemon/operations/types.ts";
import { RefusedRequests } from "../../src/daemon/refused_requests.ts";
import type { Vault } from "../../src/vault/mod.ts";

/** What operations work on, over a vault alone; what they tell of goes into `changed`. */
export function operationContext(vault: Vault, changed: string[] = []): OperationContext {
  return {
    vault,
    credentialChanged: (id) => void changed.push(id),
    settleAudit: () => {},
    callers: () => {
      throw new Error("no callers here");
    },
    policies: () => {
      throw new Error("no policies here");
    },
    approvals: new ApprovalDesk({ note: () => {}, timeoutMs: () => 0, locked: () => false }),
    refusedRequests: new RefusedRequests(),
    guesses: new GuessBudget(),
    settingsChanged: () => void changed.push("settings"),
    authorityChanged: () => void changed.push("authority"),
  };
}
