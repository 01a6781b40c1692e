/**
 * `wispkey get`.
 *
 * @module
 */

import { wipe } from "../../core/bytes.ts";
import { DeniedError, ExitCode, UsageError } from "../../core/errors.ts";
import { escapeText } from "../../core/name.ts";
import type { CredentialRef, VaultClient } from "../../daemon/api.ts";
import type { CliIo } from "../io.ts";
import { activeProject } from "../project/active.ts";
import { withVault } from "../session.ts";
import type { Verb } from "../spec.ts";
import { nameOf } from "./details.ts";
import { printableBytes } from "./printable.ts";
import { credentialJson, credentialLines } from "./view.ts";

/** Options of `get`. */
export interface GetOptions {
  /** Name of the credential. */
  name: string;
  /** Show the token too. */
  showToken: boolean;
  /** Show the secret, and nothing else. */
  reveal: boolean;
  /** Project; undefined = the active one. */
  project: string | undefined;
}

/** Shows one credential. */
export const get: Verb<GetOptions> = {
  parse(args, io) {
    args.exclusive("show-token", "reveal");
    const reveal = args.flag("reveal");
    if (reveal && io.output.json) {
      throw new UsageError("cannot use --reveal with JSON: a secret is shown to a person only", {
        code: "conflicting_options",
        hint: "leave out --json, in a terminal",
      });
    }
    return {
      name: args.positional(0),
      showToken: args.flag("show-token"),
      reveal,
      project: nameOf(args, "project", "project"),
    };
  },

  async run(options, io) {
    const name = options.name;
    const shown = escapeText(name);
    const project = options.project ?? (await activeProject(io)).name;
    if (options.reveal) requireTerminal(io, shown);
    const what = options.reveal ? `reveal '${shown}'` : `show '${shown}'`;
    return await withVault(io, what, async (vault) => {
      if (options.reveal) {
        await reveal(io, vault, { name, project });
        return ExitCode.done;
      }
      const { result } = await vault.call("credential.get", { name, project, token: options.showToken });
      const json = { credential: credentialJson(result.credential) };
      await io.output.result(json, credentialLines(result.credential));
      return ExitCode.done;
    });
  },
};

function requireTerminal(io: CliIo, shown: string): void {
  if (io.terminal.interactive && io.output.stdout.terminal) return;
  throw new DeniedError(
    `cannot reveal '${shown}': a secret is shown on a terminal only, never to a pipe or file`,
    {
      code: "reveal_needs_terminal",
      hint: "run it yourself in a terminal, without | and >",
    },
  );
}

async function reveal(io: CliIo, vault: VaultClient, ref: CredentialRef): Promise<void> {
  const { payload } = await vault.call("credential.reveal", ref);
  if (payload === undefined) throw new TypeError("the answer to credential.reveal carries no value");
  const shown = printableBytes(payload);
  try {
    await io.output.stdout.write(shown);
    await io.output.stdout.write("\n");
  } finally {
    wipe(payload, shown);
  }
}
