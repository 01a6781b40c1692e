/**
 * Questions that wait for a person, and what was approved beyond one request. All of it is in memory and ends with the key.
 *
 * @module
 */

import type { AuditEntry } from "../../core/audit.ts";
import {
  approvalDigest,
  approvalPathKey,
  type ApprovalQuestion,
  type ApprovalReach,
} from "../../core/approval.ts";
import { DeniedError, FailedError, NotFoundError } from "../../core/errors.ts";
import type { ApprovalDraft, ApprovalOutcome, ApprovalPort } from "../../proxy/approvals.ts";
import type { Cancellation } from "../../proxy/http/cancellation.ts";

/** Questions of one caller that wait at once. */
export const MAX_PENDING_PER_CALLER = 3;
/** Questions that wait at once, of all callers. */
const MAX_PENDING = 64;
/** Questions of one caller within {@linkcode ASK_WINDOW_MS}, so that nobody is worn down. */
export const MAX_ASKED_PER_CALLER = 20;
/** See {@linkcode MAX_ASKED_PER_CALLER}, milliseconds. */
const ASK_WINDOW_MS = 60_000;
/** Approvals beyond one request that are remembered at once; the oldest go first. */
const MAX_GRANTS = 1_024;
/** A wish for access waits for so long, milliseconds. */
const ACCESS_MS = 60 * 60_000;

/** What a desk is made of. */
export interface ApprovalDeskOptions {
  /** Writes a row of the log. */
  note: (entry: AuditEntry) => void;
  /** How long a request waits, milliseconds. */
  timeoutMs: () => number;
  /** Whether the key is dropped. */
  locked: () => boolean;
  /** Wall time, milliseconds since the epoch. */
  now?: () => number;
}

interface Pending {
  readonly question: ApprovalQuestion;
  readonly digest: string;
  readonly pathKey: string;
  settle(outcome: ApprovalOutcome): void;
}

/** Asks, remembers, answers. */
export class ApprovalDesk implements ApprovalPort {
  readonly #options: ApprovalDeskOptions;
  readonly #pending = new Map<string, Pending>();
  /** When what was approved beyond one request ends, by digest or path key; Infinity = with the key. */
  readonly #grants = new Map<string, number>();
  readonly #asked = new Map<string, number[]>();
  /** Counts drops of the key, so that a question that was being prepared meanwhile is not asked. */
  #epoch = 0;

  /** An empty desk. */
  constructor(options: ApprovalDeskOptions) {
    this.#options = options;
  }

  /** The questions that wait, the oldest first. */
  list(): ApprovalQuestion[] {
    return [...this.#pending.values()].map(({ question }) => ({ ...question }));
  }

  /** See {@linkcode ApprovalPort.ask}. */
  async ask(draft: ApprovalDraft, path: string, gone: Cancellation | null): Promise<ApprovalOutcome> {
    const now = this.#now();
    const question: ApprovalQuestion = {
      ...draft,
      kind: "request",
      reason: "",
      id: newId(),
      askedAt: now,
      expiresAt: now + this.#options.timeoutMs(),
    };
    const epoch = this.#epoch;
    const digest = await approvalDigest(question);
    const pathKey = await approvalPathKey(question, path);
    if (epoch !== this.#epoch || this.#options.locked()) return "locked";
    if (gone?.cancelled) return "cancelled";
    if (this.#isGranted(digest) || this.#isGranted(pathKey)) return "approved";
    if (!this.#mayAsk(question)) return "full";
    return await this.#wait(question, digest, pathKey, gone);
  }

  /**
   * Notes that somebody wishes access to a host with a credential; answers the question's id.
   *
   * @throws {FailedError} `too_many_approvals`.
   */
  async askAccess(
    wish: { caller: string | null; credential: string; host: string; reason: string },
  ): Promise<string> {
    const now = this.#now();
    const nothing = "";
    const question: ApprovalQuestion = {
      kind: "access",
      id: newId(),
      askedAt: now,
      expiresAt: now + ACCESS_MS,
      caller: wish.caller,
      credentials: [wish.credential],
      policies: [],
      method: nothing,
      scheme: nothing,
      host: wish.host,
      path: nothing,
      bodyBytes: 0,
      bodySha256: nothing,
      targetSha256: nothing,
      headersSha256: nothing,
      reason: wish.reason,
    };
    const digest = await approvalDigest(question);
    if (!this.#mayAsk(question)) {
      throw new FailedError("cannot ask for access: too many questions wait already", {
        code: "too_many_approvals",
        hint: "wispkey approvals list",
      });
    }
    void this.#wait(question, digest, "", null);
    return question.id;
  }

  /**
   * Lets a question pass. An act that needs the password; `digest` is what its author was shown.
   *
   * @throws {NotFoundError} `approval_not_found` if it waits no more; {DeniedError} `approval_differs` if what was shown is
   * not what waits.
   */
  approve(id: string, digest: string, reach: ApprovalReach): ApprovalQuestion {
    const pending = this.#find(id);
    if (pending.digest !== digest) {
      throw new DeniedError(`cannot approve ${id}: what was shown is not what waits`, {
        code: "approval_differs",
        hint: "wispkey approvals list",
      });
    }
    if (pending.question.kind === "request" && (reach.forMs !== null || reach.session)) {
      const key = reach.thisPath ? pending.pathKey : pending.digest;
      const [oldest] = this.#grants.keys();
      if (this.#grants.size >= MAX_GRANTS && oldest !== undefined) this.#grants.delete(oldest);
      this.#grants.set(key, reach.forMs === null ? Infinity : this.#now() + reach.forMs);
    }
    this.#note("ApprovalGranted", pending.question, reachText(reach));
    pending.settle("approved");
    return pending.question;
  }

  /**
   * Refuses a question.
   *
   * @throws {NotFoundError} `approval_not_found`.
   */
  deny(id: string): ApprovalQuestion {
    const pending = this.#find(id);
    this.#note("ApprovalDenied", pending.question);
    pending.settle("denied");
    return pending.question;
  }

  /** Forgets everything, when the key is dropped. */
  clear(): void {
    this.#epoch++;
    this.#grants.clear();
    for (const pending of [...this.#pending.values()]) pending.settle("locked");
  }

  #wait(
    question: ApprovalQuestion,
    digest: string,
    pathKey: string,
    gone: Cancellation | null,
  ): Promise<ApprovalOutcome> {
    const { promise, resolve } = Promise.withResolvers<ApprovalOutcome>();
    const cancelled = () => {
      this.#note("ApprovalCancelled", question);
      settle("cancelled");
    };
    const timer = setTimeout(() => {
      this.#note("ApprovalTimedOut", question);
      settle("timeout");
    }, question.expiresAt - question.askedAt);
    const settle = (outcome: ApprovalOutcome) => {
      clearTimeout(timer);
      gone?.unsubscribe(cancelled);
      this.#pending.delete(question.id);
      resolve(outcome);
    };
    this.#pending.set(question.id, { question, digest, pathKey, settle });
    this.#note("ApprovalAsked", question);
    gone?.subscribe(cancelled);
    return promise;
  }

  #isGranted(key: string): boolean {
    const until = this.#grants.get(key);
    if (until === undefined) return false;
    if (this.#now() < until) return true;
    this.#grants.delete(key);
    return false;
  }

  /** Wishes are counted by themselves: they wait for long, and requests must not wait behind them. */
  #mayAsk({ kind, caller }: ApprovalQuestion): boolean {
    const now = this.#now();
    for (const [key, times] of this.#asked) {
      const left = times.filter((at) => now - at < ASK_WINDOW_MS);
      if (left.length === 0) this.#asked.delete(key);
      else this.#asked.set(key, left);
    }
    const who = caller === null ? kind : `${kind} ${caller}`;
    const lately = this.#asked.get(who) ?? [];
    const waiting =
      [...this.#pending.values()].filter(({ question }) =>
        question.kind === kind && question.caller === caller
      ).length;
    if (this.#pending.size >= MAX_PENDING || waiting >= MAX_PENDING_PER_CALLER) return false;
    if (lately.length >= MAX_ASKED_PER_CALLER) return false;
    this.#asked.set(who, [...lately, now]);
    return true;
  }

  #find(id: string): Pending {
    const pending = this.#pending.get(id);
    if (pending !== undefined) return pending;
    throw new NotFoundError("cannot answer: no such question waits (any more)", {
      code: "approval_not_found",
      hint: "wispkey approvals list",
    });
  }

  #note(event: AuditEntry["event"], question: ApprovalQuestion, how?: string): void {
    const [project = "", name = ""] = splitOnce(question.credentials[0] ?? "");
    const size = question.kind === "access"
      ? "access wished for"
      : `${question.bodyBytes} bytes, sha256 ${question.bodySha256.slice(0, 16)}`;
    this.#options.note({
      event,
      credential: name,
      project,
      host: question.host,
      ...(question.path === "" ? {} : { path: question.path }),
      ...(question.method === "" ? {} : { method: question.method }),
      ...(question.caller === null ? {} : { caller: question.caller }),
      ...(question.policies[0] === undefined ? {} : { policy: question.policies[0] }),
      ...(event === "ApprovalDenied" || event === "ApprovalTimedOut" ? { denied: true } : {}),
      reason: [`approval ${question.id}`, size, ...(how === undefined ? [] : [how])].join(", "),
    });
  }

  #now(): number {
    return (this.#options.now ?? Date.now)();
  }
}

function reachText({ forMs, session, thisPath }: ApprovalReach): string {
  const time = session ? "until locked" : forMs === null ? "once" : `for ${Math.round(forMs / 1000)} s`;
  return thisPath ? `${time}, this path` : time;
}

function splitOnce(text: string): [string, string] {
  const at = text.indexOf("/");
  return [text.slice(0, Math.max(at, 0)), text.slice(at + 1)];
}

function newId(): string {
  return crypto.getRandomValues(new Uint8Array(6)).toHex();
}
