/**
 * What a daemon does for its log when there is time: it makes the index of new rows, and removes rows that are older, or
 * more, than the owner's settings say.
 *
 * @module
 */

import type { SettingValues } from "../core/settings.ts";
import { logger } from "../platform/logging.ts";
import type { Vault } from "../vault/mod.ts";
import { pruneLog } from "./prune_log.ts";

/** Rows indexed at a time: about a millisecond of work. */
export const INDEX_ROWS = 256;
/** How long to wait between two such parts, while requests come and while none do, milliseconds. */
const BUSY_PAUSE_MS = 50;
const IDLE_PAUSE_MS = 2;
/** How long to wait for new rows, milliseconds. */
const REST_MS = 1_000;
/** How often to look for rows that have to go, milliseconds. */
const PRUNE_EVERY_MS = 60_000;

const DAY_MS = 86_400_000;
/**
 * Rows younger than this do not go for their number: whoever writes many (an agent can) does not push out what tells of it
 * before a person had the time to look.
 */
export const KEPT_MS: number = 7 * DAY_MS;

const log = logger("daemon");

/** What a keeper is made of. */
export interface LogKeeperOptions {
  /** Whose log it is. */
  vault: Vault;
  /** Settings in force. */
  settings: () => Pick<SettingValues, "log.max_age" | "log.max_rows">;
  /** Whether requests are under way right now. */
  busy: () => boolean;
  /** Whether somebody else makes the index just now. */
  isIndexed: () => boolean;
}

/** Keeps the log of one daemon. */
export class LogKeeper {
  readonly #options: LogKeeperOptions;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #pruneAt = 0;
  #ended = false;

  /** At rest until {@linkcode start}. */
  constructor(options: LogKeeperOptions) {
    this.#options = options;
  }

  /** Begins. */
  start(): void {
    this.#next(REST_MS);
  }

  /** Ends; call it before the vault is closed. */
  end(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
  }

  /** Looks at once for rows that have to go, for instance because a setting changed. */
  pruneSoon(): void {
    this.#pruneAt = 0;
  }

  #next(ms: number): void {
    if (!this.#ended) this.#timer = setTimeout(() => void this.#work(), ms);
  }

  async #work(): Promise<void> {
    let pause = REST_MS;
    try {
      if (!this.#options.isIndexed() && this.#options.vault.audit.index.step(INDEX_ROWS)) {
        pause = this.#options.busy() ? BUSY_PAUSE_MS : IDLE_PAUSE_MS;
      }
      await this.#prune();
    } catch (error) {
      if (!this.#ended) log.error("cannot keep the log's index or remove its oldest rows", { error });
    }
    this.#next(pause);
  }

  async #prune(): Promise<void> {
    const { vault, settings } = this.#options;
    const now = Date.now();
    if (vault.locked || now < this.#pruneAt) return;
    this.#pruneAt = now + PRUNE_EVERY_MS;
    const { "log.max_age": days, "log.max_rows": rows } = settings();
    if (days === 0 && rows === 0) return;
    await pruneLog(vault, {
      ...(days === 0 ? {} : { before: now - days * DAY_MS }),
      ...(rows === 0 ? {} : { keep: rows, keepSince: now - KEPT_MS }),
    });
  }
}
