/**
 * Keeps a daemon findable. Any program of the same user may delete `daemon.json`, the lock file or the socket; without them
 * the owner could neither lock nor stop a daemon that goes on with the key. So they are looked after and put back.
 *
 * @module
 */

import { isDeepStrictEqual } from "node:util";
import type { LocalAddress } from "../platform/local_socket.ts";
import type { VaultFiles } from "../platform/paths.ts";
import { type DaemonInfo, readDaemonInfo, writeDaemonInfo } from "./info.ts";
import type { Succession } from "./succession.ts";

/** Time between two looks, milliseconds: as long as a caller may have to wait for a daemon that was hidden. */
const LOOK_MS = 1_000;

/** What is looked after. */
export interface Published {
  /** The vault's files. */
  files: VaultFiles;
  /** What `daemon.json` has to say but for the address. */
  info: Omit<DaemonInfo, "address" | "handedOver">;
  /** The server of the local API. */
  server: { readonly address: LocalAddress; relisten(): void };
  /** The lock. */
  succession: Pick<Succession, "isOnlyOne">;
  /** Called once if another daemon has become the one of this vault. */
  onReplaced: () => void;
}

/** Publishes the daemon, and looks after that until the returned function is called and has settled. */
export async function keepPublished(published: Published): Promise<() => Promise<void>> {
  const { files, server, succession, onReplaced } = published;
  const info = (): DaemonInfo => ({ ...published.info, address: server.address, handedOver: false });
  await writeDaemonInfo(files.daemonInfo, info());
  let looking: Promise<void> | undefined;
  const timer = setInterval(() => {
    looking ??= look().catch(() => {
      // A full disk or a directory that is gone: the next look may do better, and the proxy goes on meanwhile.
    }).finally(() => looking = undefined);
  }, LOOK_MS);
  return async () => {
    clearInterval(timer);
    await looking;
  };

  async function look(): Promise<void> {
    if (!await succession.isOnlyOne()) {
      clearInterval(timer);
      return onReplaced();
    }
    if (await isSocketGone(server.address)) server.relisten();
    if (isDeepStrictEqual(await readDaemonInfo(files.daemonInfo), info())) return;
    await writeDaemonInfo(files.daemonInfo, info());
  }
}

async function isSocketGone(address: LocalAddress): Promise<boolean> {
  if (!("socket" in address)) return false;
  try {
    await Deno.lstat(address.socket);
    return false;
  } catch (error) {
    return error instanceof Deno.errors.NotFound;
  }
}
