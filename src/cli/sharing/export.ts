/**
 * `wispkey project export`, `partition export`, `credential export`.
 *
 * @module
 */

import { countOf } from "../../core/count.ts";
import { wipe } from "../../core/bytes.ts";
import { ExitCode, type ExitCode as Code, UsageError } from "../../core/errors.ts";
import { checkName, escapeText } from "../../core/name.ts";
import { VERSION } from "../../core/version.ts";
import type { Result, VaultClient } from "../../daemon/api.ts";
import type { SharingKind } from "../../daemon/api/sharing.ts";
import type { Manifest } from "../../sharing/content.ts";
import { writeBundleV1 } from "../../sharing/v1.ts";
import { type CredentialWithValue, writeBundle } from "../../sharing/write.ts";
import { confirmed } from "../confirm.ts";
import { nameOf } from "../credential/details.ts";
import type { CliIo, FileWriter } from "../io.ts";
import { askPassword, openingFor } from "../password.ts";
import { activeProject } from "../project/active.ts";
import { connectUnlocked, requireVault } from "../session.ts";
import type { Verb } from "../spec.ts";
import { type BundleSecretOptions, bundleSecretOptions, newPassphrase } from "./passphrase.ts";

/** Options of the three exports. */
export interface ExportOptions extends BundleSecretOptions {
  /** What is exported. */
  name: string;
  /** Project that a partition or credential lies in; undefined = the active one. */
  project: string | undefined;
  /** The file. */
  output: string;
  /** Age public keys; none = a passphrase. */
  recipients: string[];
  /** Write the format of earlier builds. */
  v1: boolean;
}

/** Exports a project. */
export const projectExport: Verb<ExportOptions> = exportVerb("project");
/** Exports a partition. */
export const partitionExport: Verb<ExportOptions> = exportVerb("partition");
/** Exports one credential. */
export const credentialExport: Verb<ExportOptions> = exportVerb("credential");

function exportVerb(kind: SharingKind): Verb<ExportOptions> {
  return {
    parse(args) {
      args.exclusive("recipient", "bundle-passphrase-file");
      args.exclusive("recipient", "v1");
      const output = args.text("output");
      const name = checkName(args.positional(0), kind);
      if (output === undefined || output === "") {
        throw new UsageError(`cannot export '${escapeText(name)}': no file was named`, {
          code: "missing_option",
          hint: `add --output FILE${kind === "credential" ? ".wkcred" : ".wkbundle"}`,
        });
      }
      return {
        name,
        project: kind === "project" ? name : nameOf(args, "project", "project"),
        output,
        recipients: args.list("recipient") ?? [],
        v1: args.flag("v1"),
        ...bundleSecretOptions(args, false),
      };
    },
    run: (options, io) => runExport(kind, options, io),
  };
}

async function runExport(kind: SharingKind, options: ExportOptions, io: CliIo): Promise<Code> {
  const { name, output } = options;
  const what = `export ${kind} '${escapeText(name)}'`;
  await requireVault(io, what);
  const project = options.project ?? (await activeProject(io)).name;
  if (await io.files.exists(output)) {
    await confirmed(io, `There is a file '${escapeText(output)}'. Replace it?`, what);
  }
  const passphrase = options.recipients.length > 0 ? undefined : await newPassphrase(io, options, what);
  try {
    const vault = await openWithPassword(io, what);
    try {
      const lock = passphrase === undefined ? options.recipients.join(", ") : "a passphrase";
      const { result } = await vault.call("export.begin", {
        kind,
        project,
        partition: kind === "partition" ? name : null,
        credential: kind === "credential" ? name : null,
        lock: options.v1 ? `${lock}, version 1` : lock,
      });
      const notes = await writeFile(io, kind, options, passphrase, vault, result);
      await report(io, kind, options, project, result.credentials.length, notes);
    } finally {
      vault.close();
    }
  } finally {
    wipe(passphrase);
  }
  return ExitCode.done;
}

/** Opened in this process, so that the secrets cross no socket. Even an unlocked daemon does not spare the password. */
async function openWithPassword(io: CliIo, what: string): Promise<VaultClient> {
  const daemon = await connectUnlocked(io);
  daemon?.close();
  const password = await askPassword(io, what, daemon !== null);
  try {
    return await openingFor(what, () => io.backend.openDirect(password));
  } finally {
    wipe(password);
  }
}

async function writeFile(
  io: CliIo,
  kind: SharingKind,
  options: ExportOptions,
  passphrase: Uint8Array | undefined,
  vault: VaultClient,
  exported: Result<"export.begin">,
): Promise<string[]> {
  const manifest: Manifest = {
    kind,
    exportedAt: new Date(io.now()).toISOString(),
    program: `wispkey ${VERSION}`,
    project: exported.project,
    partitions: exported.partitions,
    credentials: exported.credentials.length,
  };
  const file: FileWriter = await io.files.create(options.output);
  try {
    const credentials = withValues(vault, exported);
    let notes: string[] = [];
    if (passphrase !== undefined && options.v1) {
      notes = await writeBundleV1(file, passphrase, manifest, credentials);
    } else {
      const lock = passphrase === undefined ? { recipients: options.recipients } : { passphrase };
      await writeBundle(file, lock, manifest, credentials);
    }
    await file.commit();
    return notes;
  } catch (error) {
    await file.abort();
    throw error;
  }
}

async function* withValues(
  vault: VaultClient,
  { credentials }: Result<"export.begin">,
): AsyncGenerator<CredentialWithValue> {
  for (const { id, ...credential } of credentials) {
    const { payload } = await vault.call("export.value", { id });
    if (payload === undefined) throw new TypeError("the answer to export.value carries no value");
    yield { ...credential, value: payload };
  }
}

async function report(
  io: CliIo,
  kind: SharingKind,
  { name, output, recipients, v1 }: ExportOptions,
  project: string,
  count: number,
  notes: readonly string[],
): Promise<void> {
  const json = {
    ok: true,
    [kind]: name,
    project,
    output,
    credential_count: count,
    format_version: v1 ? 1 : 2,
    locked_with: recipients.length > 0 ? "age" : "passphrase",
    notes,
  };
  const line = `Exported ${kind} ${escapeText(name)}, ${countOf(count, "credential")}, to ${
    escapeText(output)
  }.`;
  await io.output.result(json, io.output.quiet ? [] : [line]);
  for (const note of notes) await io.output.warn(note);
  await io.output.note(
    recipients.length > 0
      ? "It holds real secrets and opens with the private key alone."
      : "It holds real secrets. Send the file and the passphrase by different ways.",
  );
}
