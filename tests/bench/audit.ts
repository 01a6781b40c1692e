/**
 * Searching and checking a long log, in an open vault.
 *
 * @module
 */

import { join } from "node:path";
import process from "node:process";
import type { AuditEntry, AuditFilter, TimedEntry } from "../../src/core/audit.ts";
import { utf8 } from "../../src/core/bytes.ts";
import { checkLog } from "../../src/daemon/log_check.ts";
import { Vault } from "../../src/vault/mod.ts";
import { figure, spreadText } from "./format.ts";
import type { Section } from "./report.ts";
import { spread } from "./statistics.ts";

/** Rows written in one transaction. */
const BATCH = 5_000;
/** When the first row was written; one follows every second. */
const START = Date.UTC(2026, 0, 1);
/** One row of so many is of a credential, caller and host that are rare. */
const RARE = 50_000;

/** Rows as busy agents leave them: two of each use, some refusals, few names that come often and one that is rare. */
function row(index: number): TimedEntry {
  const rare = index % RARE === 7;
  const denied = index % 23 === 0;
  const entry: AuditEntry = {
    event: denied ? "CredentialDenied" : index % 2 === 0 ? "CredentialUsed" : "CredentialUseFinished",
    credential: rare ? "rare" : `key-${(index * 7919) % 40}`,
    project: "default",
    caller: rare ? "rare" : `agent-${(index * 104_729) % 12}`,
    host: rare ? "rare.example.com" : `api${(index * 31) % 60}.example.com`,
    path: `/v1/items/${index % 1000}`,
    method: "POST",
    tokenFingerprint: "0123456789abcdef",
    status: denied ? 403 : 200,
    ...(denied ? { denied, reason: "the host is not among those of the credential" } : {}),
    ...(index % 2 === 0 ? {} : { bytesOut: 512, bytesIn: 4096, durationMs: 120 }),
  };
  return { entry, at: START + index * 1000 };
}

/** The searches by name, as `wispkey log` makes them: the newest 50 that fit. */
function searches(rows: number): Record<string, AuditFilter> {
  const middle = START + Math.floor(rows / 2) * 1000;
  return {
    "the newest": {},
    "a busy credential": { credential: "key-7" },
    "a rare credential": { credential: "rare" },
    "a credential that is not there": { credential: "none" },
    "a rare caller": { caller: "rare" },
    "a rare host": { host: "rare.example.com" },
    "a kind that is not there": { event: "CaRenewed" },
    "refusals": { denied: true },
    "an hour long ago": { since: middle, until: middle + 3_600_000 },
    "refusals of a rare host long ago": { denied: true, host: "rare.example.com", until: middle },
  };
}

/** Measures with a log of so many rows. */
export async function auditSpeed(sizes: { rows: number; rounds: number }): Promise<Section> {
  // In memory where there is such a place: the figures are of searches, not of the disk.
  const memory = Deno.build.os === "linux" ? { dir: "/dev/shm" } : {};
  const directory = await Deno.makeTempDir({ prefix: "wk-bench-", ...memory });
  try {
    const vault = await Vault.create(join(directory, "vault"), utf8("bench only: correct horse battery"));
    try {
      return await measure(vault, sizes);
    } finally {
      vault.close();
    }
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

async function measure(vault: Vault, sizes: { rows: number; rounds: number }): Promise<Section> {
  for (let at = 0; at < sizes.rows; at += BATCH) {
    const count = Math.min(BATCH, sizes.rows - at);
    vault.audit.appendTimed(Array.from({ length: count }, (_, i) => row(at + i)));
  }
  while (vault.audit.index.step(4096));
  const times = Object.entries(searches(sizes.rows)).map(([name, filter]) => {
    const found = vault.audit.query({ ...filter, last: 50 }).length; // Unmeasured: the pages are read.
    const ms: number[] = [];
    for (let round = 0; round < sizes.rounds; round++) {
      const started = performance.now();
      vault.audit.query({ ...filter, last: 50 });
      ms.push(performance.now() - started);
    }
    return { name, found, ms };
  });
  const started = performance.now();
  const before = process.cpuUsage();
  const verdict = await checkLog(vault);
  const { user, system } = process.cpuUsage(before);
  const checkMs = performance.now() - started;
  const checkCpuMs = (user + system) / 1000;
  if (!verdict.ok) throw new Error(`a true log was taken for a changed one: ${verdict.reason}`);
  const slowest = Math.max(...times.map(({ ms }) => spread(ms).median));
  return {
    title: "The log",
    method:
      `Searching a log of ${figure(sizes.rows)} rows as \`wispkey log\` does (the newest 50 that fit), ` +
      `${sizes.rounds} times each, and checking all of it once as \`log verify\` does.`,
    columns: ["what", "rows found", "ms"],
    rows: [
      ...times.map(({ name, found, ms }) => [name, figure(found), spreadText(spread(ms))]),
      ["checking every row", figure(verdict.rows), figure(checkMs)],
      ["the same, of a processor", figure(verdict.rows), figure(checkCpuMs)],
    ],
    targets: [
      {
        text: `any search in ${figure(sizes.rows)} rows under 50 ms`,
        measured: `the slowest ${figure(slowest)} ms`,
        reached: slowest < 50,
      },
      {
        text: `checking ${figure(sizes.rows)} rows under 10 s of a processor`,
        measured: `${figure(checkCpuMs / 1000)} s, ${figure(checkMs / 1000)} s by the clock`,
        reached: checkCpuMs < 10_000,
      },
    ],
    data: { rows: sizes.rows, checkMs, checkCpuMs, searches: times },
  };
}
