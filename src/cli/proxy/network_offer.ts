/**
 * Settings for the network that the environment holds: told of, and on a terminal offered to be taken over.
 *
 * @module
 */

import { utf8, wipe } from "../../core/bytes.ts";
import { WispKeyError } from "../../core/errors.ts";
import { escapeText } from "../../core/name.ts";
import { type NetworkSuggestion, networkSuggestions } from "../../core/network_environment.ts";
import { parseSetting, type SettingKey, settingOf } from "../../core/settings.ts";
import type { VaultClient } from "../../daemon/api.ts";
import type { DaemonClient } from "../backend.ts";
import { readSettingFile } from "../config/set.ts";
import type { CliIo } from "../io.ts";
import { askPassword } from "../password.ts";
import { DEFAULT_PORT } from "./spec.ts";

/**
 * What the environment suggests, as far as the vault's owner has not decided otherwise.
 *
 * @param ownPorts ports of our own proxy
 */
export function suggestionsFor(
  io: CliIo,
  set: readonly SettingKey[],
  ownPorts: readonly number[],
): NetworkSuggestion[] {
  return networkSuggestions({
    env: (name) => io.env(name),
    ownPorts: [DEFAULT_PORT, ...ownPorts],
    vaultDir: io.vaultDir,
    set,
  });
}

/** The ports of a daemon's proxy, which the environment of a program under `run` names. */
export async function portsOf(daemon: DaemonClient): Promise<number[]> {
  const { proxy } = (await daemon.call("daemon.status", {})).result;
  return proxy === null ? [] : [proxy.port, ...proxy.askingPorts];
}

/** Keys of the settings that were set, whatever to; null if they cannot be read. */
export async function settingsThatWereSet(vault: VaultClient): Promise<SettingKey[] | null> {
  try {
    return (await vault.call("config.list", {})).result.set;
  } catch (error) {
    // Settings that were tampered with are a matter for `doctor` and `config`; here they only leave nothing to suggest.
    if (error instanceof WispKeyError && error.code === "setting_tampered") return null;
    throw error;
  }
}

/**
 * Tells of each suggestion with its command; where questions can be asked, asks whether to take it over, which wants the
 * master password.
 *
 * @param ownPort port the proxy is to listen on
 */
export async function offerNetwork(io: CliIo, daemon: DaemonClient, ownPort: number): Promise<void> {
  const set = await settingsThatWereSet(daemon);
  if (set === null) return;
  for (const suggestion of suggestionsFor(io, set, [ownPort, ...await portsOf(daemon)])) {
    const { variable, what, command, key } = suggestion;
    const said = `${variable} names ${escapeText(what)}, which the vault's settings do not`;
    if (!io.terminal.interactive || io.output.json || io.output.quiet || io.globals.yes) {
      await io.output.warn(`${said}; to take it over: ${escapeText(command)}`);
      continue;
    }
    if (await io.terminal.confirm(`${said}. Take it over?`)) await takeOver(io, daemon, suggestion);
    else await io.output.note(`Not taken over. Later: ${escapeText(command)}\nNever ask: ${refusal(key)}`);
  }
}

async function takeOver(io: CliIo, daemon: DaemonClient, { key, value }: NetworkSuggestion): Promise<void> {
  const text = settingOf(key).fromFile ? await readSettingFile(io, key, value) : value;
  parseSetting(key, text);
  const password = await askPassword(io, `set ${key}`);
  const payload = utf8(text);
  try {
    const prover = await io.backend.proveWith(password);
    try {
      await daemon.callWithPassword("config.set", { key }, prover, payload);
    } finally {
      prover.wipe();
    }
  } finally {
    wipe(password, payload);
  }
  await io.output.note(`${key} is set.`);
}

/** Setting it to nothing is a decision, too. */
function refusal(key: SettingKey): string {
  return `wispkey config set ${key} ${settingOf(key).fromFile ? "/dev/null" : "''"}`;
}
