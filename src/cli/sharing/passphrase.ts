/**
 * What opens and locks bundles: a passphrase from a file, the environment or a hidden prompt, or age keys. Never the
 * master password: `WISPKEY_PASSWORD` does not answer here.
 *
 * @module
 */

import { fromUtf8, utf8, wipe } from "../../core/bytes.ts";
import { UsageError } from "../../core/errors.ts";
import { parseIdentities } from "../../sharing/age.ts";
import { type BundleOpener, checkNewPassphrase } from "../../sharing/secrets.ts";
import type { Arguments } from "../arguments.ts";
import type { CliIo } from "../io.ts";
import { confirmSecret } from "../password.ts";

/** Environment variable with the passphrase. */
const PASSPHRASE_VARIABLE = "WISPKEY_BUNDLE_PASSPHRASE";
/** Longest passphrase or identity file, in bytes. */
const MAX_SECRET_FILE = 16 * 1024;

/** Where the passphrase or the keys come from. */
export interface BundleSecretOptions {
  /** `--bundle-passphrase-file`; undefined = environment or prompt. */
  passphraseFile: string | undefined;
  /** `--identity`; a file with age private keys. */
  identityFile: string | undefined;
}

/** The options that name them; `identity` only where the command has it. */
export function bundleSecretOptions(args: Arguments, withIdentity: boolean): BundleSecretOptions {
  return {
    passphraseFile: args.text("bundle-passphrase-file"),
    identityFile: withIdentity ? args.text("identity") : undefined,
  };
}

/**
 * The passphrase for a new bundle, asked for twice; the caller wipes it.
 *
 * @throws {UsageError} `weak_passphrase`, `passphrases_differ`, `no_passphrase`.
 */
export async function newPassphrase(
  io: CliIo,
  options: BundleSecretOptions,
  what: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const given = await passphraseGiven(io, options, what);
  const passphrase = given ?? await io.terminal.readSecret("New bundle passphrase: ");
  try {
    checkNewPassphrase(passphrase);
    if (given === undefined) {
      await confirmSecret(io, passphrase, "New bundle passphrase again: ", what, "passphrases_differ");
    }
    return passphrase;
  } catch (error) {
    wipe(passphrase);
    throw error;
  }
}

/** What opens a bundle, asked for when it turns out to be needed. */
export function openerFor(io: CliIo, options: BundleSecretOptions, what: string): BundleOpener {
  return {
    passphrase: async () =>
      await passphraseGiven(io, options, what) ?? await io.terminal.readSecret("Bundle passphrase: "),
    identities: async () => {
      const { identityFile } = options;
      if (identityFile === undefined) {
        throw new UsageError(`cannot ${what}: the bundle was made for the holder of an age key`, {
          code: "no_identity",
          hint: "add --identity FILE, the file that 'age-keygen' wrote",
        });
      }
      const bytes = await io.files.readPrivate(identityFile, MAX_SECRET_FILE);
      try {
        return parseIdentities(fromUtf8(bytes));
      } catch (cause) {
        if (!(cause instanceof TypeError)) throw cause;
        throw new UsageError(`cannot ${what}: the identity file is no text`, { code: "invalid_identity" });
      } finally {
        wipe(bytes);
      }
    },
  };
}

/** The passphrase of the file or the environment; undefined if a person is to be asked. */
async function passphraseGiven(
  io: CliIo,
  { passphraseFile }: BundleSecretOptions,
  what: string,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  if (passphraseFile !== undefined) return await readPassphraseFile(io, passphraseFile);
  const fromEnvironment = io.env(PASSPHRASE_VARIABLE);
  if (fromEnvironment !== undefined) return utf8(fromEnvironment);
  if (io.terminal.interactive) return undefined;
  throw new UsageError(
    `cannot ${what}: it needs the bundle's passphrase, and there is no terminal to ask on`,
    {
      code: "no_passphrase",
      hint:
        `set ${PASSPHRASE_VARIABLE}, or add --bundle-passphrase-file FILE; the master password is not used for bundles`,
    },
  );
}

/** The first line; its end is not part of the passphrase. */
async function readPassphraseFile(io: CliIo, path: string): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = path === "-"
    ? await io.files.readStdin(MAX_SECRET_FILE)
    : await io.files.readPrivate(path, MAX_SECRET_FILE);
  let end = bytes.length;
  if (bytes[end - 1] === 0x0a) end--;
  if (bytes[end - 1] === 0x0d) end--;
  const passphrase = bytes.slice(0, end);
  wipe(bytes);
  return passphrase;
}
