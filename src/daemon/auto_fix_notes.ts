/**
 * `auto-fix-notes.json`: which fallbacks were used, and what to do about each, for people and agents to read. One note a
 * variable, no token in clear, never over its bounds.
 *
 * @module
 */

import { basename, dirname, join } from "node:path";
import { fromUtf8, utf8 } from "../core/bytes.ts";
import { formatHostPattern, type HostPattern } from "../core/host_pattern.ts";
import { shellQuote } from "../core/shell_quote.ts";
import { logger } from "../platform/logging.ts";
import { readFileBounded, writePrivateFile } from "../platform/private_file.ts";

const log = logger("daemon");

/** Name of the file in the vault's directory. */
export const NOTES_NAME = "auto-fix-notes.json";
/** Most notes in the file; the oldest go first. */
export const MAX_NOTES = 100;
/** A larger file is not ours. */
const MAX_FILE_BYTES = 256 * 1024;
/** So many damaged files are kept beside the new one. */
const MAX_DAMAGED = 5;
/** Uses are written together after so long, milliseconds. */
const DELAY_MS = 200;

/** One note, as it stands in the file. */
export interface AutoFixNote {
  /** Last use, RFC 3339. */
  timestamp: string;
  /** Always so. */
  event: "credential_fallback";
  /** The token's beginning; its random part is left out. */
  wisp_token: string;
  /** Name of the variable. */
  fallback_env: string;
  /** Number of uses. */
  uses: number;
  /** The command that makes the fallback superfluous. */
  action_needed: string;
}

/** What a note is about. */
export interface UsedFallback {
  /** Name of the variable. */
  readonly name: string;
  /** Slug of its tokens. */
  readonly slug: string;
  /** Where it may go. */
  readonly hosts: readonly HostPattern[];
}

/** Keeps the file. Notes are gathered and written a moment later; a failure is only logged. */
export class AutoFixNotes {
  readonly #path: string;
  readonly #now: () => number;
  readonly #pending = new Map<string, { fallback: UsedFallback; uses: number; at: number }>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #writing: Promise<void> = Promise.resolve();

  /** For the vault in `directory`. */
  constructor(directory: string, now: () => number = Date.now) {
    this.#path = join(directory, NOTES_NAME);
    this.#now = now;
  }

  /** Notes one use. */
  add(fallback: UsedFallback): void {
    const uses = (this.#pending.get(fallback.name)?.uses ?? 0) + 1;
    this.#pending.set(fallback.name, { fallback, uses, at: this.#now() });
    this.#timer ??= setTimeout(() => void this.flush(), DELAY_MS);
  }

  /** Writes what was noted; settles when it is written, or could not be. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing = this.#writing.then(() => this.#write()).catch((error) => {
      log.warn("cannot write the auto-fix notes", { error });
    });
    return this.#writing;
  }

  async #write(): Promise<void> {
    if (this.#pending.size === 0) return;
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    const notes = new Map((await this.#read()).map((note) => [note.fallback_env, note]));
    for (const { fallback, uses, at } of pending) {
      const before = notes.get(fallback.name)?.uses ?? 0;
      notes.delete(fallback.name);
      notes.set(fallback.name, noteOf(fallback, before + uses, at));
    }
    const kept = [...notes.values()].slice(-MAX_NOTES);
    await writePrivateFile(this.#path, utf8(`${JSON.stringify(kept, null, 2)}\n`));
  }

  /** The notes in the file; what cannot be read as such is put aside, and the file begun anew. */
  async #read(): Promise<AutoFixNote[]> {
    try {
      // A link is not followed: what it names is not ours to read.
      if (!(await Deno.lstat(this.#path)).isFile) return await this.#putAside();
      const json: unknown = JSON.parse(fromUtf8(await readFileBounded(this.#path, MAX_FILE_BYTES)));
      if (Array.isArray(json) && json.every(isNote)) return json;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return [];
    }
    return await this.#putAside();
  }

  async #putAside(): Promise<AutoFixNote[]> {
    for (let number = 1; number <= MAX_DAMAGED; number++) {
      const aside = join(dirname(this.#path), `auto-fix-notes.damaged-${number}.json`);
      if (number < MAX_DAMAGED && await exists(aside)) continue;
      await Deno.rename(this.#path, aside);
      log.warn("the auto-fix notes could not be read and were put aside", {
        error: new Error(`see ${basename(aside)}`),
      });
      break;
    }
    return [];
  }
}

function noteOf({ name, slug, hosts }: UsedFallback, uses: number, at: number): AutoFixNote {
  const list = hosts.map(formatHostPattern).join(",");
  const wanted = slug.replaceAll("_", "-");
  return {
    timestamp: new Date(at).toISOString(),
    event: "credential_fallback",
    wisp_token: `wk_${slug}_…`,
    fallback_env: name,
    uses,
    action_needed: `wispkey add ${wanted} --hosts ${shellQuote(list)}, then unset ${name} and wispkey unlock`,
  };
}

function isNote(value: unknown): value is AutoFixNote {
  if (typeof value !== "object" || value === null) return false;
  const note = value as Partial<Record<keyof AutoFixNote, unknown>>;
  return ["timestamp", "event", "wisp_token", "fallback_env", "action_needed"].every((key) =>
    typeof note[key as keyof AutoFixNote] === "string"
  ) && Number.isSafeInteger(note.uses);
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
