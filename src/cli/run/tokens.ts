/**
 * Puts tokens in the place of secrets among a program's variables.
 *
 * @module
 */

import { concat, utf8, wipe } from "../../core/bytes.ts";
import { NotFoundError } from "../../core/errors.ts";
import { escapeText } from "../../core/name.ts";
import { shellQuote } from "../../core/shell_quote.ts";
import type { CredentialView, VaultClient } from "../../daemon/api.ts";
import type { CliIo } from "../io.ts";
import type { RunOptions } from "./options.ts";

/** Values shorter than this are not compared by the daemon, bytes; so they are not sent there either. */
const LEAST_COMPARED = 16;

/**
 * The credentials that the program may use.
 *
 * @throws {NotFoundError} `project_not_found`, `credential_not_found`.
 */
export async function credentialsInScope(
  vault: VaultClient,
  project: string,
  { only, set }: Pick<RunOptions, "only" | "set">,
): Promise<CredentialView[]> {
  const { credentials } =
    (await vault.call("credential.list", { project, partition: null, tokens: false })).result;
  const wanted = only?.map((name) => name.normalize("NFC"));
  const inScope = credentials.filter(({ name }) => wanted?.includes(name) !== false);
  for (const name of [...wanted ?? [], ...[...set.values()].map((name) => name.normalize("NFC"))]) {
    if (inScope.some((credential) => credential.name === name)) continue;
    const isExcluded = credentials.some((credential) => credential.name === name);
    const where = isExcluded
      ? "--only leaves it out"
      : `project '${escapeText(project)}' has none of that name`;
    throw new NotFoundError(`cannot find credential '${escapeText(name)}': ${where}`, {
      code: "credential_not_found",
      hint: isExcluded ? `add it to --only` : `wispkey list --project ${shellQuote(project)}`,
    });
  }
  return inScope;
}

/**
 * Replaces each value that is a secret in scope by its token, takes out those that are, or hold, another secret, and sets the
 * variables of `--set`. Names what it took out on stderr.
 */
export async function putTokens(
  io: CliIo,
  vault: VaultClient,
  project: string,
  { only, set }: Pick<RunOptions, "only" | "set">,
  variables: Readonly<Record<string, string>>,
): Promise<Record<string, string>> {
  const result = { ...variables };
  const candidates = Object.entries(variables)
    .filter(([name, { length }]) => !set.has(name) && length >= LEAST_COMPARED / 3)
    .map(([name, value]) => ({ name, bytes: utf8(value) }))
    .filter(({ bytes }) => bytes.length >= LEAST_COMPARED);
  const payload = concat(...candidates.map(({ bytes }) => bytes));
  try {
    const { matches } = (await vault.call("environment.match", {
      project,
      credentials: only === null ? null : [...only],
      lengths: candidates.map(({ bytes }) => bytes.length),
    }, payload)).result;
    for (const match of matches) {
      const name = candidates[match.index]?.name;
      if (name === undefined) continue;
      if (match.kind === "token") result[name] = match.token;
      else {
        delete result[name];
        await io.output.warn(
          `left ${name} out of the environment: it holds the secret of '${match.credential}' (--set ${name}=… puts a token there)`,
        );
      }
    }
  } finally {
    wipe(payload, ...candidates.map(({ bytes }) => bytes));
  }
  for (const [variable, name] of set) {
    const { credential } = (await vault.call("credential.get", { project, name, token: true })).result;
    if (credential.token !== undefined) result[variable] = credential.token;
  }
  return result;
}
