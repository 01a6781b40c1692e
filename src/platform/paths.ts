/**
 * Where the vault lies and what its files are called.
 *
 * @module
 */

import { isAbsolute, join, resolve } from "node:path";
import { FailedError } from "../core/errors.ts";
import { vaultPathHint } from "./hints.ts";

/** Every file of a vault directory, as absolute paths. */
export interface VaultFiles {
  /** The SQLite database. */
  database: string;
  /** Where the running daemon listens: process id, socket or port and token, start time, version. */
  daemonInfo: string;
  /** Where the open proxy listens: process id, port, address. */
  proxyInfo: string;
  /** Held with an exclusive lock by the daemon for as long as it lives; its content means nothing. */
  daemonLock: string;
  /** Name of the project chosen with `project use`. */
  activeProject: string;
  /** The daemon's log. */
  daemonLog: string;
  /** Certificate of the local authority. */
  caCertificate: string;
  /** The same together with all roots of the system. */
  caBundle: string;
  /** The policies, written by their owner. */
  policies: string;
}

/**
 * The vault directory, absolute: `WISPKEY_VAULT_PATH`, else `.wispkey` in the home directory.
 *
 * @throws {FailedError} `no_home` if neither is known.
 */
export function vaultDirectory(): string {
  const chosen = Deno.env.get("WISPKEY_VAULT_PATH");
  if (chosen !== undefined && chosen !== "") return resolve(chosen);
  const home = homeDirectory();
  if (home === undefined) {
    throw new FailedError("cannot find the vault: neither WISPKEY_VAULT_PATH nor a home directory is set", {
      code: "no_home",
      hint: vaultPathHint(),
    });
  }
  return join(home, ".wispkey");
}

/** The person's home directory (`HOME`, on Windows `USERPROFILE`) if it is set to an absolute path. */
export function homeDirectory(): string | undefined {
  const home = Deno.env.get(Deno.build.os === "windows" ? "USERPROFILE" : "HOME");
  return home !== undefined && isAbsolute(home) ? home : undefined;
}

/** Names the files of a vault directory. */
export function vaultFiles(directory: string): VaultFiles {
  return {
    database: join(directory, "vault.db"),
    daemonInfo: join(directory, "daemon.json"),
    proxyInfo: join(directory, "proxy.json"),
    daemonLock: join(directory, "daemon.lock"),
    activeProject: join(directory, "active_project"),
    daemonLog: join(directory, "daemon.log"),
    caCertificate: join(directory, "ca.pem"),
    caBundle: join(directory, "ca-bundle.pem"),
    policies: join(directory, "policies.toml"),
  };
}
