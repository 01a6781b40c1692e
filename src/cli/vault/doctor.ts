/**
 * `wispkey doctor`.
 *
 * @module
 */

import { utf8, wipe } from "../../core/bytes.ts";
import { ExitCode, WispKeyError } from "../../core/errors.ts";
import { escapeText } from "../../core/name.ts";
import type { NetworkSuggestion } from "../../core/network_environment.ts";
import type { Finding, VaultClient } from "../../daemon/api.ts";
import type { CliIo } from "../io.ts";
import { PASSWORD_VARIABLE } from "../password.ts";
import { policyFindings, policyStatusOf } from "../policy/status.ts";
import { portsOf, settingsThatWereSet, suggestionsFor } from "../proxy/network_offer.ts";
import { connectUnlocked, withVault } from "../session.ts";
import type { Verb } from "../spec.ts";

/** Options of `doctor`. */
export interface DoctorOptions {
  /** Take the rows as they stand for what ought to be there, with the master password. */
  accept: boolean;
}

/** Looks for what is broken, tampered with or left open. */
export const doctor: Verb<DoctorOptions> = {
  parse(args) {
    return { accept: args.flag("accept") };
  },

  async run({ accept }, io) {
    const rows = accept
      ? await withVault(io, "accept the rows", (vault) => vault.call("vault.accept", {}))
        .then(({ result }) => result.findings)
      : await verifyRows(io);
    const findings = [...await io.backend.inspect(), ...rows];
    const failed = findings.some((finding) => finding.level === "error");
    const shown = io.output.quiet ? findings.filter((finding) => finding.level !== "ok") : findings;
    const cells = shown.map((finding) => [finding.level, finding.message]);
    const lines = cells.length === 0
      ? []
      : io.output.table([{ title: "LEVEL" }, { title: "FINDING" }], cells).flatMap((line, i) => {
        const hint = i === 0 ? undefined : shown[i - 1]?.hint;
        return hint === undefined ? [line] : [line, `         hint: ${escapeText(hint)}`];
      });
    await io.output.result({ ok: !failed, findings }, lines);
    return failed ? ExitCode.failed : ExitCode.done;
  },
};

/** Checks the rows if the key can be had without asking: a check-up should not need a person. */
async function verifyRows(io: CliIo): Promise<Finding[]> {
  if (!await io.backend.exists()) return [];
  try {
    const daemon = await connectUnlocked(io);
    const vault = daemon ?? await openWithEnvironment(io);
    if (vault === null) return [notVerified()];
    try {
      const { findings } = (await vault.call("vault.verify", {})).result;
      const policies = await policyStatusOf(vault);
      const found = [...findings, ...policies === null ? [] : policyFindings(policies)];
      const set = await settingsThatWereSet(vault);
      if (set === null) return found;
      const ownPorts = daemon === null ? [] : await portsOf(daemon);
      return [...found, ...suggestionsFor(io, set, ownPorts).map(notTakenOver)];
    } finally {
      vault.close();
    }
  } catch (error) {
    if (!(error instanceof WispKeyError)) throw error;
    // What keeps the rows from being read is itself the finding.
    const finding: Finding = { level: "error", code: error.code, message: error.message };
    return [error.hint === undefined ? finding : { ...finding, hint: error.hint }];
  }
}

async function openWithEnvironment(io: CliIo): Promise<VaultClient | null> {
  const given = io.env(PASSWORD_VARIABLE);
  if (given === undefined) return null;
  const password = utf8(given);
  try {
    return await io.backend.openDirect(password);
  } finally {
    wipe(password);
  }
}

function notTakenOver({ variable, what, command }: NetworkSuggestion): Finding {
  return {
    level: "warning",
    code: "network_environment",
    message: `${variable} names ${what}, which count for nothing here: only the vault's settings do`,
    hint: command,
  };
}

function notVerified(): Finding {
  return {
    level: "warning",
    code: "rows_not_verified",
    message: "the rows of the vault were not checked, because it is locked",
    hint: "wispkey unlock",
  };
}
