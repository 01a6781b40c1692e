/**
 * `wispkey rotate`.
 *
 * @module
 */

import { wipe } from "../../core/bytes.ts";
import { ExitCode } from "../../core/errors.ts";
import { escapeText } from "../../core/name.ts";
import type { CredentialRef, CredentialView, VaultClient } from "../../daemon/api.ts";
import type { CliIo } from "../io.ts";
import { activeProject } from "../project/active.ts";
import { commandLine } from "../quote.ts";
import { withVault } from "../session.ts";
import type { Verb } from "../spec.ts";
import { nameOf } from "./details.ts";
import { showed } from "./showed.ts";
import { adviseOnValue, readValue, type ValueSource, valueSource } from "./value.ts";
import { credentialJson } from "./view.ts";

/** Options of `rotate`. */
export interface RotateOptions {
  /** Name of the credential. */
  name: string;
  /** Project; undefined = the active one. */
  project: string | undefined;
  /** Where the new secret comes from; undefined = the secret stays, the token is new. */
  source: ValueSource | undefined;
}

/** Gives a credential a new token, or a new secret. */
export const rotate: Verb<RotateOptions> = {
  parse(args) {
    args.exclusive("value-prompt", "value");
    args.exclusive("value-prompt", "value-file");
    return {
      name: args.positional(0),
      project: nameOf(args, "project", "project"),
      source: args.flag("value-prompt") ? { from: "prompt" } : valueSource(args),
    };
  },

  async run({ name, project: given, source }, io) {
    const project = given ?? (await activeProject(io)).name;
    return await withVault(io, `rotate '${escapeText(name)}'`, async (vault) => {
      const credential = source === undefined
        ? await rotateToken(io, vault, { name, project })
        : await replaceValue(io, vault, { name, project }, source);
      const { token, ...rest } = credential;
      const json = {
        ok: true,
        credential: credentialJson(rest),
        ...(token === undefined ? {} : { wisp_token: token }),
      };
      await io.output.result(
        json,
        io.output.quiet ? (token === undefined ? [] : [token]) : lines(credential, source),
      );
      return ExitCode.done;
    });
  },
};

async function rotateToken(io: CliIo, vault: VaultClient, ref: CredentialRef): Promise<CredentialView> {
  const { result } = await vault.call("credential.rotate", ref);
  await io.output.note("The old token is refused from now on.");
  return result.credential;
}

async function replaceValue(
  io: CliIo,
  vault: VaultClient,
  ref: CredentialRef,
  source: ValueSource,
): Promise<CredentialView> {
  // Anybody may have added the name: who gives the secret sees first where it will be able to go.
  const shown = await showed(io, vault, ref);
  const retry = commandLine("wispkey", "rotate", ref.name, "--value-file", "-");
  const value = await readValue(io, source, `rotate '${escapeText(ref.name)}'`, retry);
  try {
    await adviseOnValue(io, value, shown.type, shown.place);
    return (await vault.call("credential.replace_value", { ...ref, shown }, value)).result.credential;
  } finally {
    wipe(value);
  }
}

function lines(credential: CredentialView, source: ValueSource | undefined): string[] {
  const name = escapeText(credential.name);
  if (source !== undefined) return [`Replaced the secret of ${name}; its token stays.`];
  return [`${name} has a new token.`, `Wisp token: ${credential.token ?? ""}`];
}
