/**
 * `run --reveal`: the program gets real values, for what no proxy can put in, and they are masked in its output.
 *
 * @module
 */

import { fromUtf8, wipe } from "../../core/bytes.ts";
import { UsageError } from "../../core/errors.ts";
import { escapeText } from "../../core/name.ts";
import type { CredentialView, VaultClient } from "../../daemon/api.ts";
import type { CliIo } from "../io.ts";
import { withVault } from "../session.ts";
import { Masks } from "./masks.ts";
import type { RunOptions } from "./options.ts";
import { asOnTerminal } from "./on_terminal.ts";
import { credentialsInScope } from "./tokens.ts";
import { readVariables } from "./variables.ts";

/** A credential whose value the program gets. */
interface Revealed {
  readonly credential: CredentialView;
  readonly value: Uint8Array;
}

/** Runs the program; answers its exit code. */
export async function runRevealed(io: CliIo, options: RunOptions, project: string): Promise<number> {
  const variables = await readVariables(io, options.envFiles);
  const plan = await withVault(
    io,
    "give a program real values",
    (vault) => revealWanted(io, vault, project, options, variables),
  );
  const masks = new Masks();
  await using temporary = io.programs.temporaryFiles();
  try {
    const env: Record<string, string> = { ...variables, WISPKEY_PROJECT: project };
    for (const [variable, name] of plan.variables) {
      env[variable] = asText(variable, valueOf(plan.revealed, name));
    }
    for (const [variable, name] of options.files) {
      const { value, credential } = valueOf(plan.revealed, name);
      // Named by number: a credential's name need not be a file's.
      env[variable] = await temporary.write(`${[...options.files.keys()].indexOf(variable)}`, value);
      masks.add(credential, value);
    }
    for (const [, name] of plan.variables) {
      const { value, credential } = valueOf(plan.revealed, name);
      masks.add(credential, value);
    }
    wipe(...plan.revealed.map(({ value }) => value));
    const { command, args } = options;
    if (!options.mask) return await io.programs.start({ command, args, env, piped: false }).exitCode;
    const program = io.programs.start({ ...asOnTerminal(io, command, args), env, piped: true });
    const { stdout, stderr } = program.output ?? {};
    await Promise.all([
      stdout === undefined ? undefined : masks.pass(stdout, (bytes) => io.output.stdout.write(bytes)),
      stderr === undefined ? undefined : masks.pass(stderr, (bytes) => io.output.stderr.write(bytes)),
    ]);
    return await program.exitCode;
  } finally {
    wipe(...plan.revealed.map(({ value }) => value));
    masks.wipe();
  }
}

/** Which variables get which credential's value, and those values, for one proof of the password. */
async function revealWanted(
  io: CliIo,
  vault: VaultClient,
  project: string,
  options: RunOptions,
  before: Readonly<Record<string, string>>,
): Promise<{ variables: Map<string, string>; revealed: Revealed[] }> {
  const named = new Map([...options.set, ...options.files]);
  const inScope = await credentialsInScope(vault, project, { only: options.only, set: named });
  const variables = new Map<string, string>();
  const holdsToken = Object.values(before).some((value) => value.startsWith("wk_"));
  if (holdsToken) {
    const { credentials } =
      (await vault.call("credential.list", { project, partition: null, tokens: true })).result;
    const byToken = new Map(credentials.map(({ token, name }) => [token, name]));
    for (const [variable, value] of Object.entries(before)) {
      const name = byToken.get(value);
      if (name !== undefined && inScope.some((one) => one.name === name)) variables.set(variable, name);
    }
  }
  for (const [variable, name] of options.set) variables.set(variable, name);
  for (const variable of options.files.keys()) variables.delete(variable);
  const names = [
    ...new Set([...variables.values(), ...options.files.values()].map((name) => name.normalize("NFC"))),
  ];
  if (names.length === 0) {
    throw new UsageError("cannot run with real values: no variable holds a token, and none was named", {
      code: "nothing_to_reveal",
      hint: "add --set VAR=NAME or --file VAR=NAME",
    });
  }
  // A token may stand in a variable by somebody else's doing: who gives the password sees what for.
  const given = [...variables, ...options.files].map(([variable, name]) => `${variable} (${name})`);
  await io.output.note(`Real values for the program: ${escapeText(given.join(", "))}`);
  const { result: { lengths }, payload = new Uint8Array(0) } = await vault.call("environment.reveal", {
    project,
    credentials: names,
  });
  let end = 0;
  const revealed = names.map((name, i) => {
    const credential = inScope.find((one) => one.name === name);
    if (credential === undefined) throw new Error(`a value came for '${name}', which nobody asked for`);
    return { credential, value: payload.slice(end, end += lengths[i] ?? 0) };
  });
  wipe(payload);
  return { variables, revealed };
}

function valueOf(revealed: readonly Revealed[], name: string): Revealed {
  const found = revealed.find(({ credential }) => credential.name === name.normalize("NFC"));
  if (found === undefined) throw new Error(`no value came for '${name}'`);
  return found;
}

/**
 * A value as a variable can hold it.
 *
 * @throws {UsageError} `not_text` if it holds a NUL or is not UTF-8.
 */
function asText(variable: string, { value, credential }: Revealed): string {
  try {
    if (!value.includes(0)) return fromUtf8(value);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
  throw new UsageError(
    `cannot put '${escapeText(credential.name)}' into the variable ${variable}: its value is not text`,
    { code: "not_text", hint: `--file ${variable}=${escapeText(credential.name)}` },
  );
}
