/**
 * A working line for every command, for tests of what all commands have in common.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { authority, credential, FakeVault, PASSWORD, type RunOptions } from "./fake.ts";
import type { BundleKind } from "../../src/sharing/header.ts";
import { credential as bundled, PASSPHRASE, write } from "../sharing/support.ts";

/** A secret that no output may hold. */
export const SECRET = "sk-the-real-secret-value";
const POLICY = '[[policy]]\nname = "reads"\nallowed_methods = ["GET"]\n';
/** An environment with the master password. */
export const ENV = { WISPKEY_PASSWORD: PASSWORD };

/** A fake vault with a credential and an authority. */
export function vault(changes: Partial<FakeVault> = {}): FakeVault {
  const made = new FakeVault();
  made.credentials = [credential()];
  made.values.set("openai", new TextEncoder().encode(SECRET));
  made.ca = authority("11112222");
  return Object.assign(made, changes);
}

const BUNDLE_ENV = { WISPKEY_BUNDLE_PASSPHRASE: PASSPHRASE };
const EXPORTED: RunOptions = { env: { ...ENV, ...BUNDLE_ENV } };

async function imported(kind: BundleKind): Promise<RunOptions> {
  const bytes = await write([bundled("k", { value: new TextEncoder().encode(SECRET) })], {
    manifest: { kind },
  });
  return { env: BUNDLE_ENV, files: { "p.wkbundle": bytes } };
}

/** The lines; a new command without one fails the first test. */
export const LINES: Record<string, { args: string[]; options?: RunOptions }> = {
  "init": { args: [], options: { vault: vault({ exists: false, daemon: "none" }), env: ENV } },
  "unlock": { args: [], options: { env: ENV } },
  "lock": { args: [] },
  "passwd": {
    args: ["--new-password-file", "-"],
    options: { env: ENV, stdin: new TextEncoder().encode("brand new words") },
  },
  "status": { args: [] },
  "log": { args: [] },
  "log stats": { args: [] },
  "log verify": { args: [] },
  "log prune": { args: ["--keep", "10", "--yes"], options: { env: ENV } },
  "log export": { args: ["out.ndjson"] },
  "approvals": { args: [] },
  "policy init": { args: [], options: { files: {} } },
  "policy list": { args: [] },
  "policy check": { args: ["-"], options: { stdin: new TextEncoder().encode(POLICY) } },
  "policy apply": {
    args: ["--file", "p.toml"],
    options: { env: ENV, files: { "p.toml": new TextEncoder().encode(POLICY) } },
  },
  "policy explain": { args: ["--credential", "openai", "--url", "https://api.openai.com/v1"] },
  "policy test": {
    args: ["-", "--policies", "p.toml"],
    options: {
      files: { "p.toml": new TextEncoder().encode(POLICY) },
      stdin: new TextEncoder().encode(
        '[[request]]\ncredential = "openai"\nurl = "https://a.test/"\nexpect = "allow"\n',
      ),
    },
  },
  "approvals list": { args: [] },
  "approvals approve": { args: ["3f9a1c0b7d2e"], options: { env: ENV } },
  "approvals deny": { args: ["3f9a1c0b7d2e"] },
  "doctor": { args: [] },
  "add": { args: ["k", "--value", SECRET] },
  "list": { args: [] },
  "get": { args: ["openai"] },
  "edit": { args: ["openai", "--tags", "x"], options: { env: ENV } },
  "remove": { args: ["openai", "--yes"] },
  "rotate": { args: ["openai", "--value", SECRET], options: { env: ENV } },
  "serve": { args: ["--daemon"] },
  "stop": { args: [] },
  "config get": { args: ["session.timeout"] },
  "config set": { args: ["session.timeout", "5"], options: { env: ENV } },
  "config list": { args: [] },
  "config unset": { args: ["session.timeout"], options: { env: ENV } },
  "project list": { args: [] },
  "project current": { args: [] },
  "project use": { args: ["default"] },
  "project create": { args: ["acme"] },
  "project rename": { args: ["acme", "acme-two"], options: { env: ENV } },
  "project delete": { args: ["acme", "--yes"], options: { env: ENV } },
  "project export": { args: ["default", "-o", "x.wkbundle"], options: EXPORTED },
  "project import": { args: ["p.wkbundle"], options: await imported("project") },
  "partition export": { args: ["personal", "-o", "x.wkbundle"], options: EXPORTED },
  "partition import": { args: ["p.wkbundle"], options: await imported("partition") },
  "credential export": { args: ["openai", "-o", "x.wkcred"], options: EXPORTED },
  "credential import": { args: ["p.wkbundle"], options: await imported("credential") },
  "partition create": { args: ["work"] },
  "partition list": { args: ["--all-projects"] },
  "partition assign": { args: ["openai", "--to", "work"], options: { env: ENV } },
  "partition rename": { args: ["work", "office"], options: { env: ENV } },
  "partition delete": { args: ["work", "--yes"], options: { env: ENV } },
  "ca init": { args: [] },
  "ca show": { args: [] },
  "ca export": { args: [] },
  "ca renew": { args: ["--yes"], options: { env: ENV } },
  "callers list": { args: [] },
  "callers revoke": { args: ["claude"] },
  "import": {
    args: ["-", "--as", "dotenv", "--yes"],
    options: { stdin: new TextEncoder().encode(`PORT=1\nAPI_SECRET=${SECRET}-of-another\n`) },
  },
  "scan": { args: [fileURLToPath(new URL("../../LICENSE", import.meta.url))] },
  "mcp config": { args: ["cursor"] },
  "plugin install": { args: ["vscode", "--project", "--dry-run"] },
  "plugin uninstall": { args: ["vscode", "--project", "--dry-run"] },
  "version": { args: [] },
};

/** Commands whose output is a text in every format, that of the program they run, or a protocol. */
export const TEXT_ONLY = new Set(["completions", "guard", "help", "mcp serve", "run"]);

/** Commands that would change the machine these tests run on; see `platform/trust_store_test.ts`. */
export const CHANGE_THE_SYSTEM = new Set(["ca trust", "ca untrust"]);

/** Commands on files of vaults, which a fake has none of: they run on real ones in tests/sharing and tests/e2e. */
export const ON_REAL_VAULTS = new Set(["migrate", "backup", "restore"]);

/** The options of a line, with a vault of its own. */
export function optionsOf(name: string): RunOptions {
  const { options = {} } = LINES[name] ?? {};
  const given = options.vault;
  const fresh = given === undefined ? vault() : vault({ exists: given.exists, daemon: given.daemon });
  const files = options.files === undefined ? {} : { files: { ...options.files } };
  return { ...options, ...files, vault: fresh };
}
