/**
 * Where policies come from: files, read as they stand.
 *
 * @module
 */

import { FailedError, NotFoundError } from "../../core/errors.ts";
import { escapeText } from "../../core/name.ts";
import type { PolicySource } from "../../core/policy/explain.ts";
import { mistakeText, type PolicyMistake } from "../../core/policy/mistake.ts";
import { MAX_POLICY_BYTES, type ParsedPolicies, parsePolicies } from "../../core/policy/parse.ts";
import { shellQuote } from "../../core/shell_quote.ts";
import { vaultFiles } from "../../platform/paths.ts";
import type { CliIo } from "../io.ts";

/** The policy file of the vault, absolute. */
export function policyFile(io: CliIo): string {
  return vaultFiles(io.vaultDir).policies;
}

/**
 * Reads a text file.
 *
 * @param path a path, or `-` for standard input
 * @throws {NotFoundError} or {FailedError} with the reason; `not_utf8`.
 */
export async function readText(io: CliIo, path: string, maxBytes: number): Promise<string> {
  const bytes = path === "-" ? await io.files.readStdin(maxBytes) : await io.files.read(path, maxBytes);
  try {
    // A byte order mark is part of the text, so that what is read is what is sent.
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new FailedError(`cannot read '${escapeText(path)}': it is not UTF-8 text`, {
      code: "not_utf8",
      cause,
    });
  }
}

/** A policy file's text and what it says. */
export async function readPolicyFile(
  io: CliIo,
  path: string,
): Promise<{ text: string; read: ParsedPolicies }> {
  try {
    const text = await readText(io, path, MAX_POLICY_BYTES);
    return { text, read: parsePolicies(text) };
  } catch (cause) {
    const absent = cause instanceof NotFoundError && cause.code === "file_not_found";
    if (!absent || path !== policyFile(io)) throw cause;
    throw new NotFoundError(cause.message, { code: cause.code, hint: "wispkey policy init", cause });
  }
}

/**
 * The policies of a text.
 *
 * @param what the act in the infinitive, for messages
 * @param hint what mends it
 * @throws {FailedError} `policy_invalid` with the first mistake.
 */
export function sourceOf(name: string, read: ParsedPolicies, what: string, hint: string): PolicySource {
  if (read.ok) return { name, policies: read.policies };
  const [first, ...others] = read.mistakes;
  const more = others.length === 0 ? "" : ` (and ${others.length} more)`;
  throw new FailedError(`cannot ${what}: ${mistakeText(name, first)}${more}`, {
    code: "policy_invalid",
    hint,
  });
}

/** The command that shows all mistakes of a file. */
export function checkHint(path: string): string {
  return `wispkey policy check ${shellQuote(path)}`;
}

/** A mistake for programs. */
export function mistakeJson({ line, column, message }: PolicyMistake): Record<string, unknown> {
  return { line, column, message };
}
