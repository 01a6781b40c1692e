/** Writes numbered uses to the journal without end, tells each line's last number, and has them settled elsewhere. */

import type { TimedEntry } from "../../../src/core/audit.ts";
import { reopen } from "../support.ts";

const vault = await reopen(Deno.args[0] ?? "");
const journal = vault.openJournal();
let waiting: TimedEntry[] = [];
let number = 0;
let isElsewhere = false;

function use(): TimedEntry {
  return { entry: { event: "CredentialUsed", credential: String(number++) }, at: number };
}

for (;;) {
  const line = Array.from({ length: 20 }, use);
  journal.write(line);
  waiting.push(...line);
  console.log(number - 1);
  if (!isElsewhere && waiting.length >= 100) {
    // The last ones are still under way.
    const kept = waiting.slice(-7);
    const rows = waiting.slice(0, -7);
    isElsewhere = journal.settleElsewhere(rows, kept, {
      settled: () => isElsewhere = false,
      failed: (error) => {
        throw error;
      },
    });
    if (isElsewhere) waiting = kept;
  }
  await new Promise((resolve) => setTimeout(resolve, 0));
}
