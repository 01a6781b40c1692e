/**
 * The operating system's list of trusted certificate authorities: how one is added to it and taken out again.
 *
 * @module
 */

import { join } from "node:path";
import { utf8 } from "../core/bytes.ts";
import { FailedError } from "../core/errors.ts";
import { shellQuote } from "../core/shell_quote.ts";
import { runHelper } from "./helper.ts";
import { homeDirectory } from "./paths.ts";
import { TemporaryFiles } from "./temporary_files.ts";

/** An authority to be trusted. */
export interface Anchor {
  /** Its common name. */
  readonly name: string;
  /** SHA-256 of its certificate, lower-case hex. */
  readonly fingerprint: string;
  /** Its certificate, PEM. */
  readonly certificate: string;
}

/** What trust stores touch; the real system, or a directory and a function of a test. */
export interface TrustSystem {
  /** The operating system. */
  readonly os: typeof Deno.build.os;
  /** The person's home directory, if it is known. */
  readonly home: string | undefined;
  /** What absolute paths begin at; empty for the real ones. */
  readonly root: string;
  /** Runs a program by its absolute path; answers its complaints if it failed. */
  readonly run: (path: string, args: readonly string[]) => Promise<string | null>;
}

/** One kind of Linux: where files of authorities go, and what reads them in. */
interface LinuxStore {
  readonly directory: string;
  readonly command: readonly [path: string, ...args: string[]];
}

const LINUX_STORES: readonly LinuxStore[] = [
  { directory: "/usr/local/share/ca-certificates", command: ["/usr/sbin/update-ca-certificates"] },
  { directory: "/etc/pki/ca-trust/source/anchors", command: ["/usr/bin/update-ca-trust", "extract"] },
  { directory: "/etc/pki/trust/anchors", command: ["/usr/sbin/update-ca-certificates"] },
  { directory: "/etc/ca-certificates/trust-source/anchors", command: ["/usr/bin/trust", "extract-compat"] },
];
const SECURITY = "/usr/bin/security";
/** In the home directory, since macOS 10.12. */
const LOGIN_KEYCHAIN = "Library/Keychains/login.keychain-db";
const CERTUTIL = "C:\\Windows\\System32\\certutil.exe";
/** Every file of ours in a Linux store. */
const OUR_FILE = /^wispkey-[0-9a-f]{8}\.crt$/;
const MAX_ANSWER_BYTES = 64 * 1024;

/** The system this program runs on. */
export const THIS_SYSTEM: TrustSystem = {
  os: Deno.build.os,
  get home() {
    return homeDirectory();
  },
  root: "",
  async run(path, args) {
    const environment = (name: string) => name === "HOME" || name === "SystemRoot" || name === "USERPROFILE";
    const { ok, stderr, stdout } = await runHelper(path, args, { environment, maxBytes: MAX_ANSWER_BYTES });
    return ok ? null : stderr.trim() || new TextDecoder().decode(stdout).trim() || "it failed";
  },
};

/**
 * Adds an authority to the list.
 *
 * @throws {FailedError} `needs_root` with the commands that do it, `no_trust_store`, `trust_failed`.
 */
export async function addAnchor(anchor: Anchor, system: TrustSystem = THIS_SYSTEM): Promise<void> {
  if (system.os !== "darwin" && system.os !== "windows") {
    const store = await linuxStore(system);
    const path = join(store.directory, fileName(anchor));
    try {
      await Deno.writeTextFile(system.root + path, anchor.certificate, { mode: 0o644 });
    } catch (error) {
      throw needsRoot(
        "trust the local authority",
        // Straight out of the vault: a file on the way could be another's by the time it is read.
        `wispkey ca export | sudo install -m 644 /dev/stdin ${path} && sudo ${store.command.join(" ")}`,
        error,
      );
    }
    return await succeed(system, "trust the local authority", ...store.command);
  }
  await using files = new TemporaryFiles();
  const file = await files.write("wispkey-ca.pem", utf8(anchor.certificate));
  const what = "trust the local authority";
  if (system.os === "darwin") {
    // Without a keychain it would only be noted as trusted and kept nowhere, so that nothing finds it, nor takes it out again.
    const keychain = system.home === undefined ? [] : ["-k", join(system.home, LOGIN_KEYCHAIN)];
    await succeed(system, what, SECURITY, "add-trusted-cert", "-r", "trustRoot", ...keychain, file);
  } else await succeed(system, what, CERTUTIL, "-user", "-addstore", "Root", file);
}

/**
 * Takes an authority out of the list; on Linux every one of ours.
 *
 * @returns whether there was anything to take out, as far as that is known
 * @throws {FailedError} `needs_root` with the commands that do it, `no_trust_store`, `trust_failed`.
 */
export async function removeAnchor(anchor: Anchor, system: TrustSystem = THIS_SYSTEM): Promise<boolean> {
  const what = "take the local authority out";
  if (system.os === "darwin") {
    await succeed(system, what, SECURITY, "delete-certificate", "-t", "-c", anchor.name);
    return true;
  }
  if (system.os === "windows") {
    await succeed(system, what, CERTUTIL, "-user", "-delstore", "Root", anchor.name);
    return true;
  }
  const store = await linuxStore(system);
  const ours = await ourFiles(system, store);
  if (ours.length === 0) return false;
  const paths = ours.map((name) => join(store.directory, name));
  try {
    for (const path of paths) await Deno.remove(system.root + path);
  } catch (error) {
    const refresh = refreshAfterRemoval(store).join(" ");
    throw needsRoot(what, `sudo rm ${paths.join(" ")} && sudo ${refresh}`, error);
  }
  await succeed(system, what, ...refreshAfterRemoval(store));
  return true;
}

/** Whether an authority is in the list; null where that cannot be told cheaply. */
export async function hasAnchor(anchor: Anchor, system: TrustSystem = THIS_SYSTEM): Promise<boolean | null> {
  if (system.os === "darwin" || system.os === "windows") return null;
  try {
    const path = join((await linuxStore(system)).directory, fileName(anchor));
    return (await Deno.readTextFile(system.root + path)) === anchor.certificate;
  } catch {
    // No such list, or no such file in it.
    return false;
  }
}

/** The line that makes browsers trust it which keep lists of their own (NSS: Firefox, and Chromium on Linux). */
export function browserHint({ name }: Anchor, certificatePath: string): string {
  return `certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n ${shellQuote(name)} -i ${
    shellQuote(certificatePath)
  }`;
}

function fileName({ fingerprint }: Anchor): string {
  return `wispkey-${fingerprint.slice(0, 8)}.crt`;
}

/** Debian's keeps links to what is gone unless told to look afresh. */
function refreshAfterRemoval({ command }: LinuxStore): readonly [string, ...string[]] {
  return command[0].endsWith("update-ca-certificates") ? [...command, "--fresh"] : command;
}

async function linuxStore({ root }: TrustSystem): Promise<LinuxStore> {
  for (const store of LINUX_STORES) {
    const both = [store.directory, store.command[0]].map((path) => exists(root + path));
    if ((await Promise.all(both)).every(Boolean)) return store;
  }
  throw new FailedError("cannot find this system's list of authorities: none of the usual places is there", {
    code: "no_trust_store",
    hint: "wispkey ca export gives the certificate; the system's manual says where it goes",
  });
}

async function ourFiles({ root }: TrustSystem, { directory }: LinuxStore): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(root + directory)) if (OUR_FILE.test(name)) names.push(name);
  return names.sort();
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch {
    return false; // Not there, or closed to us, which is the same here.
  }
}

async function succeed(
  { run, root }: TrustSystem,
  what: string,
  path: string,
  ...args: string[]
): Promise<void> {
  const complaint = await run(root + path, args);
  if (complaint === null) return;
  throw new FailedError(`cannot ${what}: ${complaint.split("\n", 1)[0]}`, { code: "trust_failed" });
}

function needsRoot(what: string, command: string, cause: unknown): FailedError {
  if (!(cause instanceof Deno.errors.PermissionDenied)) throw cause;
  return new FailedError(`cannot ${what}: only root may change this system's list`, {
    code: "needs_root",
    hint: command,
    cause,
  });
}
