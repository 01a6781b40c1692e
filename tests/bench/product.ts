/**
 * The product under measurement: a vault of its own with one credential, and an open proxy, all through the command line.
 *
 * @module
 */

import { join } from "node:path";
import { type CommandResult, wispkey } from "../../scripts/lib/program.ts";
import { endProcessesWith } from "../../scripts/test/leftovers.ts";

/** The made-up secret that the benchmark's upstream demands. */
export const KEY = "sk-bench-0123456789abcdef0123456789abcdef";
const PASSWORD = "bench only: correct horse battery staple";

/** A vault and its proxy. */
export interface Product {
  /** Process id of the daemon. */
  readonly pid: number;
  /** Port of the proxy. */
  readonly port: number;
  /** The wisp token that stands for {@linkcode KEY}. */
  readonly token: string;
  /** Runs a command on the vault; throws if it fails. */
  readonly command: (...args: string[]) => Promise<CommandResult>;
  /** Stops everything and removes the vault. */
  readonly end: () => Promise<void>;
}

/** Makes a vault, allows its one credential for the upstream, opens the proxy. */
export async function startProduct(upstreamPort: number): Promise<Product> {
  const directory = await Deno.makeTempDir({ prefix: "wk-bench-" });
  const env = { WISPKEY_VAULT_PATH: join(directory, "vault"), WISPKEY_PASSWORD: PASSWORD };
  const command = async (...args: string[]) => {
    const result = await wispkey(args, { env });
    if (result.code !== 0) throw new Error(`wispkey ${args[0]} failed: ${result.stderr.trim()}`);
    return result;
  };
  const end = async () => {
    await wispkey(["stop"], { env });
    await endProcessesWith(directory, 3_000);
    await Deno.remove(directory, { recursive: true });
  };
  try {
    await command("init");
    const added = await command(
      "add",
      "bench",
      "--hosts",
      `127.0.0.1:${upstreamPort}`,
      "--value",
      KEY,
      "--json",
    );
    const served = JSON.parse((await command("serve", "--random-port", "--daemon", "--json")).stdout);
    const token: string = JSON.parse(added.stdout).credential.wisp_token;
    return { pid: served.pid, port: served.port, token, command, end };
  } catch (error) {
    await end();
    throw error;
  }
}
