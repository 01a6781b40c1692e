/**
 * Masks values in what a program writes, as it is written.
 *
 * @module
 */

import { type ScrubSecret, ScrubSet, StreamScrubber } from "../../core/scrub/mod.ts";
import { wipe } from "../../core/bytes.ts";
import type { CredentialView } from "../../daemon/api.ts";

/** What has not been followed by a line's end for so long is shown as it is, milliseconds: a prompt waits for an answer. */
const PAUSE_MS = 100;

/** The values that a program was given. Each is masked by `wispkey-masked-NAME`. */
export class Masks {
  readonly #secrets: ScrubSecret<string>[] = [];

  /** Adds a copy of a value. */
  add({ name, type }: Pick<CredentialView, "name" | "type">, value: Uint8Array): void {
    if (this.#secrets.some(({ owner }) => owner === name)) return;
    const kind = { isPair: type === "basic_auth", minimum: 0 };
    this.#secrets.push({ owner: name, token: maskOf(name), value: value.slice(), kind });
  }

  /** Passes a stream on, masked. Ends with it. */
  async pass(stream: ReadableStream<Uint8Array>, write: (bytes: Uint8Array) => Promise<void>): Promise<void> {
    const set = new ScrubSet(this.#secrets);
    const scrubber = new StreamScrubber(set);
    const reader = stream.getReader();
    try {
      let next = reader.read();
      for (;;) {
        const piece = await orPause(next);
        if (piece === "pause") {
          await write(scrubber.end());
          await next.catch(() => undefined); // Its failure shows when it is waited for above.
          continue;
        }
        if (piece.done) break;
        await write(scrubber.push(piece.value));
        next = reader.read();
      }
      await write(scrubber.end());
    } finally {
      set.release();
      reader.releaseLock();
    }
  }

  /** Forgets the values. */
  wipe(): void {
    wipe(...this.#secrets.map(({ value }) => value));
    this.#secrets.length = 0;
  }
}

/** What stands in the place of a value; characters that any spelling leaves alone. */
function maskOf(name: string): string {
  return `wispkey-masked-${name.replaceAll(/[^A-Za-z0-9._-]+/g, "-")}`;
}

async function orPause<T>(read: Promise<T>): Promise<T | "pause"> {
  const { promise, resolve } = Promise.withResolvers<"pause">();
  const timer = setTimeout(resolve, PAUSE_MS, "pause");
  try {
    return await Promise.race([read, promise]);
  } finally {
    clearTimeout(timer);
  }
}
