/**
 * What the command line does with the vault itself, in this process: all that takes the password or reads the database.
 * Loaded only by the commands that need it. What takes the password hardens the process first.
 *
 * @module
 */

import { describeFallback, fallbackVariables } from "../core/fallback.ts";
import { fromUtf8 } from "../core/bytes.ts";
import type { AuditFilter, AuditPage } from "../core/audit.ts";
import type { VaultClient } from "../daemon/api.ts";
import { DirectClient } from "../daemon/direct.ts";
import { effectiveSettings } from "../daemon/operations/settings.ts";
import { daemonEnvironment } from "../platform/environment.ts";
import { harden } from "../platform/harden.ts";
import { spawnDaemon } from "../platform/process.ts";
import { writableFiles } from "../platform/program_files.ts";
import { describeVault, readAuditPage, Vault, type VaultDescription } from "../vault/mod.ts";
import type { Prover, StartOptions, UnlockReport } from "./backend.ts";

/** Hex digits of the log's head that `unlock` shows, enough to compare by eye. */
const HEAD_SHOWN = 12;

/** See {@linkcode Backend.create}. */
export async function createVault(directory: string, password: Uint8Array): Promise<void> {
  await harden();
  (await Vault.create(directory, password)).close();
}

/** See {@linkcode Backend.openDirect}. */
export async function openDirect(directory: string, password: Uint8Array): Promise<VaultClient> {
  return new DirectClient(await open(directory, password));
}

/** See {@linkcode Backend.proveWith}. */
export async function proveWith(directory: string, password: Uint8Array): Promise<Prover> {
  const vault = await open(directory, password);
  return {
    prove: (nonce, act) => Promise.resolve(vault.proveAct(nonce, fromUtf8(act))),
    seal: (nonce, payload) => vault.sealForAct(nonce, "request", payload),
    open: (nonce, sealed) => vault.openForAct(nonce, "reply", sealed),
    wipe: () => vault.close(),
  };
}

/** See {@linkcode Backend.changePassword}. */
export async function changePassword(
  directory: string,
  current: Uint8Array,
  next: Uint8Array,
): Promise<void> {
  const vault = await open(directory, current);
  try {
    await vault.changePassword(next);
  } finally {
    vault.close();
  }
}

/** See {@linkcode Backend.readLog}. */
export function readLog(directory: string, filter: AuditFilter): Promise<AuditPage> {
  return readAuditPage(directory, filter);
}

/** See {@linkcode Backend.describe}. */
export function describe(directory: string): VaultDescription | null {
  return Vault.exists(directory) ? describeVault(directory) : null;
}

/** Opens the vault, writes that down, and starts a daemon with its key; answers what there is to tell of it. */
export async function startDaemon(
  directory: string,
  password: Uint8Array,
  options: StartOptions,
): Promise<Omit<UnlockReport, "status">> {
  const vault = await open(directory, password);
  let report: Omit<UnlockReport, "status">;
  let key: Uint8Array<ArrayBuffer>;
  try {
    vault.audit.append([{ event: "VaultUnlocked" }], Date.now());
    report = describeUnlock(vault, options);
    key = vault.exportDataKey();
  } finally {
    vault.close();
  }
  const { scope } = options;
  await spawnDaemon({
    vaultDir: directory,
    args: [
      "daemon",
      scope === null ? "--all-projects" : `--scope=${scope}`,
      `--timeout=${report.timeoutMinutes}`,
    ],
    key,
  });
  return report;
}

async function open(directory: string, password: Uint8Array): Promise<Vault> {
  await harden();
  return await Vault.open(directory, password);
}

function describeUnlock(vault: Vault, { timeoutMinutes }: StartOptions): Omit<UnlockReport, "status"> {
  const [use] = vault.audit.query({ last: 1, event: "CredentialUsed" });
  const passed = daemonEnvironment(Deno.env.toObject(), false);
  return {
    timeoutMinutes: timeoutMinutes ?? effectiveSettings(vault)["session.timeout"],
    lastUse: use === undefined
      ? null
      : { at: use.at, credential: use.credential ?? "", host: use.host ?? "" },
    logRows: vault.audit.count(),
    logHead: vault.audit.head().link.toHex().slice(0, HEAD_SHOWN),
    environment: Object.keys(passed).filter((name) => name.startsWith("WISPKEY_FALLBACK_")),
    fallbacks: fallbackVariables(passed).map(describeFallback),
    writableProgramFiles: writableFiles(),
  };
}
