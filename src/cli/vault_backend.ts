/**
 * The real vault and daemon behind the command line. Talking to the daemon is light; what opens the vault itself is loaded
 * when it is first needed, so that the everyday commands start fast.
 *
 * @module
 */

import type { AuditFilter, AuditPage } from "../core/audit.ts";
import { fromUtf8, utf8 } from "../core/bytes.ts";
import { FailedError, NotFoundError, WispKeyError } from "../core/errors.ts";
import { VERSION } from "../core/version.ts";
import type { DaemonStatus, Finding, VaultClient } from "../daemon/api.ts";
import { connectDaemon } from "../daemon/connect.ts";
import { unusable } from "../platform/file_errors.ts";
import { checkName, escapeText } from "../core/name.ts";
import { vaultFiles } from "../platform/paths.ts";
import { readFileBounded, writePrivateFile } from "../platform/private_file.ts";
import type {
  Backend,
  DaemonClient,
  Prover,
  StartOptions,
  UnlockReport,
  VaultDescription,
} from "./backend.ts";

/** Longest project name in bytes, with room to spare. */
const MAX_NAME_BYTES = 1024;

const acts = () => import("./vault_acts.ts");

/** The vault in a directory, and its daemon. */
export class VaultBackend implements Backend {
  readonly #directory: string;

  /** The vault of `directory`, which need not exist. */
  constructor(directory: string) {
    this.#directory = directory;
  }

  /** See {@linkcode Backend.exists}. */
  async exists(): Promise<boolean> {
    try {
      await Deno.lstat(vaultFiles(this.#directory).database);
      return true;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return false;
      throw unusable(this.#directory, error);
    }
  }

  /** See {@linkcode Backend.describe}. */
  async describe(): Promise<VaultDescription | null> {
    return (await acts()).describe(this.#directory);
  }

  /** See {@linkcode Backend.create}. */
  async create(password: Uint8Array): Promise<void> {
    await (await acts()).createVault(this.#directory, password);
  }

  /** See {@linkcode Backend.connect}. */
  async connect(): Promise<DaemonClient | null> {
    return await connectDaemon(this.#directory);
  }

  /** See {@linkcode Backend.openDirect}. */
  async openDirect(password: Uint8Array): Promise<VaultClient> {
    return await (await acts()).openDirect(this.#directory, password);
  }

  /** See {@linkcode Backend.startDaemon}. */
  async startDaemon(password: Uint8Array, options: StartOptions): Promise<UnlockReport> {
    const report = await (await acts()).startDaemon(this.#directory, password, options);
    const status = await this.#status();
    if (status !== null) return { ...report, status };
    throw new FailedError("cannot unlock: the daemon ended right after its start", {
      code: "daemon_gone",
      hint: "wispkey doctor",
    });
  }

  /** See {@linkcode Backend.proveWith}. */
  async proveWith(password: Uint8Array): Promise<Prover> {
    return await (await acts()).proveWith(this.#directory, password);
  }

  /** See {@linkcode Backend.changePassword}. */
  async changePassword(current: Uint8Array, next: Uint8Array): Promise<void> {
    await (await acts()).changePassword(this.#directory, current, next);
  }

  /** See {@linkcode Backend.readLog}. */
  async readLog(filter: AuditFilter): Promise<AuditPage> {
    return await (await acts()).readLog(this.#directory, filter);
  }

  /** See {@linkcode Backend.inspect}. */
  async inspect(): Promise<Finding[]> {
    const { inspectVault } = await import("../daemon/inspect.ts");
    return await inspectVault({
      directory: this.#directory,
      status: await this.#status(),
      version: VERSION,
      env: (name) => Deno.env.get(name) || undefined,
    });
  }

  /** See {@linkcode Backend.readActiveProject}. */
  async readActiveProject(): Promise<string | null> {
    const path = vaultFiles(this.#directory).activeProject;
    try {
      const name = fromUtf8(await readFileBounded(path, MAX_NAME_BYTES)).trim();
      return name === "" ? null : checkName(name, "project");
    } catch (error) {
      if (error instanceof NotFoundError) return null;
      throw new FailedError(`cannot tell the project: '${escapeText(path)}' is damaged`, {
        code: "active_project_damaged",
        hint: "choose one again: wispkey project use default; or name one with --project",
        cause: error,
      });
    }
  }

  /** See {@linkcode Backend.writeActiveProject}. */
  async writeActiveProject(name: string): Promise<void> {
    await writePrivateFile(vaultFiles(this.#directory).activeProject, utf8(`${name}\n`));
  }

  async #status(): Promise<DaemonStatus | null> {
    for (;;) {
      const client = await this.connect();
      if (client === null) return null;
      try {
        return (await client.call("daemon.status", {})).result;
      } catch (error) {
        // Of several starts at once the last one stays: look for it.
        if (!(error instanceof WispKeyError && error.code === "daemon_ending")) throw error;
      } finally {
        client.close();
      }
    }
  }
}
