/**
 * Taking credentials over: put down in the daemon batch by batch, shown as a plan, then done in one transaction.
 *
 * @module
 */

import { concat, wipe } from "../../core/bytes.ts";
import { EMPTY_IMPORT, importDigest } from "../../core/import_digest.ts";
import type { Params, Result, VaultClient } from "../../daemon/api.ts";
import type { StagedCredential } from "../../daemon/api/sharing.ts";

/** A batch is sent once its values reach so many bytes. */
const BATCH_BYTES = 4 * 1024 * 1024;
/** A batch is sent once it has so many credentials. */
const BATCH_COUNT = 250;

/** What an import leads to. */
export type ImportResult = Result<"import.commit">;

/** What a commit is told besides what was staged. */
export type CommitOptions = Omit<Params<"import.commit">, "session" | "digest" | "dryRun" | "replacing">;

/** One import. */
export class ImportSession {
  readonly #vault: VaultClient;
  #session: string | null = null;
  #digest = EMPTY_IMPORT;
  #credentials: StagedCredential[] = [];
  #values: Uint8Array[] = [];
  #bytes = 0;

  /** Imports into the vault of a client. */
  constructor(vault: VaultClient) {
    this.#vault = vault;
  }

  /** Puts a credential down; the value is wiped once it is sent. */
  async add(credential: Omit<StagedCredential, "length">, value: Uint8Array): Promise<void> {
    this.#credentials.push({ ...credential, length: value.length });
    this.#values.push(value);
    this.#bytes += value.length;
    if (this.#bytes >= BATCH_BYTES || this.#credentials.length >= BATCH_COUNT) await this.#send();
  }

  /** What a commit would do. */
  async plan(options: CommitOptions): Promise<ImportResult> {
    await this.#send();
    return await this.#commit(options, [], true);
  }

  /** Does what {@linkcode plan} told, and nothing else: if the vault has changed meanwhile, it is refused. */
  async commit(options: CommitOptions, plan: ImportResult): Promise<ImportResult> {
    const replacing = plan.credentials.filter(({ action }) => action === "replaced")
      .map(({ project, as }) => `${project}/${as}`);
    const result = await this.#commit(options, replacing, false);
    this.#session = null;
    return result;
  }

  /** Forgets what is not committed. */
  async close(): Promise<void> {
    wipe(...this.#values);
    const session = this.#session;
    this.#session = null;
    if (session === null) return;
    // It is forgotten by itself after a while, and what failed before is what is to be told.
    await this.#vault.call("import.abort", { session }).catch(() => undefined);
  }

  async #commit(options: CommitOptions, replacing: string[], dryRun: boolean): Promise<ImportResult> {
    const session = this.#session ?? "";
    const params = { ...options, session, digest: this.#digest, replacing, dryRun };
    return (await this.#vault.call("import.commit", params)).result;
  }

  async #send(): Promise<void> {
    if (this.#credentials.length === 0 && this.#session !== null) return;
    const credentials = this.#credentials;
    const payload = concat(...this.#values);
    wipe(...this.#values);
    this.#credentials = [];
    this.#values = [];
    this.#bytes = 0;
    try {
      this.#digest = await importDigest(this.#digest, credentials, payload);
      const { result } = await this.#vault.call(
        "import.stage",
        { session: this.#session, credentials },
        payload,
      );
      this.#session = result.session;
    } finally {
      wipe(payload);
    }
  }
}
