/**
 * What `serve` does in the foreground when a request waits for a person: it rings on the desktop, and on a terminal asks,
 * one question after the other. Without a terminal it says which command answers.
 *
 * @module
 */

import type { AuditEvent, AuditRow } from "../../core/audit.ts";
import { InterruptedError, WispKeyError } from "../../core/errors.ts";
import { escapeText } from "../../core/name.ts";
import type { VaultClient } from "../../daemon/api.ts";
import type { CliIo } from "../io.ts";
import { withDaemon } from "../session.ts";
import { approveShown, questionLines, questionOf } from "./question.ts";

const TITLE = "WispKey: a request waits for you";
/** A password may be mistyped so often before the question is left to `wispkey approvals`. */
const TRIES = 3;
const ONCE = { forMs: null, session: false, thisPath: false };
const ENDINGS: ReadonlySet<AuditEvent> = new Set([
  "ApprovalGranted",
  "ApprovalDenied",
  "ApprovalTimedOut",
  "ApprovalCancelled",
]);

/** Follows the rows of the log and sees to the questions among them. */
export class Doorbell {
  readonly #io: CliIo;
  readonly #notify: boolean;
  readonly #asks: boolean;
  readonly #left = new AbortController();
  readonly #waiting: string[] = [];
  /** The question on the terminal. */
  #asked: string | undefined;
  #asking = false;
  #ringing = false;

  /** Rings on the desktop if `notify` holds. */
  constructor(io: CliIo, notify: boolean) {
    this.#io = io;
    this.#notify = notify;
    this.#asks = io.terminal.interactive && !io.output.json;
  }

  /** Aborts when the person pressed Ctrl-C at a hidden prompt, where it is a key and no signal. */
  get left(): AbortSignal {
    return this.#left.signal;
  }

  /** Takes a row as it was written. Asking goes on after the call returns, so that rows are shown meanwhile. */
  async take(row: AuditRow): Promise<void> {
    const [, id] = /^approval ([0-9a-f]+)/.exec(row.reason ?? "") ?? [];
    if (id === undefined) return;
    if (ENDINGS.has(row.event)) return await this.#ended(id);
    if (row.event !== "ApprovalAsked") return;
    if (this.#notify) void this.#ring(row);
    if (!this.#asks) {
      return await this.#io.output.note(
        `A request waits for you. Look: wispkey approvals list; let it go on: wispkey approvals approve ${id}`,
      );
    }
    this.#waiting.push(id);
    if (!this.#asking) void this.#askAll();
  }

  async #ended(id: string): Promise<void> {
    const at = this.#waiting.indexOf(id);
    if (at >= 0) this.#waiting.splice(at, 1);
    if (this.#asked === id) await this.#say(`\n${id} waits no more; press Enter.`);
  }

  /** One after the other: there is one terminal. */
  async #askAll(): Promise<void> {
    this.#asking = true;
    try {
      for (let id = this.#waiting.shift(); id !== undefined; id = this.#waiting.shift()) await this.#ask(id);
    } catch (error) {
      if (error instanceof InterruptedError) this.#left.abort();
      else await this.#io.output.error(error);
    } finally {
      this.#asking = false;
    }
  }

  async #ask(id: string): Promise<void> {
    for (let tries = 0; tries < TRIES; tries++) {
      try {
        return await this.#askOnce(id);
      } catch (error) {
        if (!(error instanceof WispKeyError) || error instanceof InterruptedError) throw error;
        await this.#io.output.error(error);
        if (error.code === "approval_not_found") return;
      } finally {
        this.#asked = undefined;
      }
    }
    await this.#say(`Left as it is. Answer it with: wispkey approvals approve ${id}`);
  }

  /** No connection is held while the person thinks. */
  async #askOnce(id: string): Promise<void> {
    const question = await this.#inDaemon((vault) => questionOf(vault, id));
    if (question === null) return; // Locked meanwhile: nothing waits any more.
    await this.#say(["", ...questionLines(question, this.#io.now())].join("\n"));
    this.#asked = id;
    const yes = await this.#io.terminal.confirm(
      "Approve it, with the master password? Anything but yes denies",
    );
    // Its own row tells that it has ended; nobody needs to press Enter any more.
    this.#asked = undefined;
    await this.#inDaemon(async (vault) => {
      if (yes) await approveShown(vault, question, ONCE);
      else await vault.call("approvals.deny", { id });
      await this.#say(yes ? `Approved ${id}.` : `Refused ${id}.`);
    });
  }

  #inDaemon<T>(act: (vault: VaultClient) => Promise<T>): Promise<T | null> {
    return withDaemon(this.#io, "answer the question", act);
  }

  /** One notification at a time, so that a flood of requests is no flood of programs. */
  async #ring(row: AuditRow): Promise<void> {
    if (this.#ringing) return;
    this.#ringing = true;
    try {
      const caller = row.caller ?? "a caller without a name";
      const target = [row.method, row.host].filter((part) => part !== undefined).join(" ");
      await this.#io.programs.notify(TITLE, `${caller}: ${target}, with ${row.credential ?? "a credential"}`);
    } catch (error) {
      // The question itself is shown all the same.
      await this.#say(`No notification: ${escapeText(error instanceof Error ? error.message : "")}`);
    } finally {
      this.#ringing = false;
    }
  }

  /** What belongs to a question is said in quiet mode, too. */
  async #say(text: string): Promise<void> {
    if (!this.#io.output.json) await this.#io.output.stderr.write(`${text}\n`);
  }
}
