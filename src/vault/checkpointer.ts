/**
 * Moves the write-ahead file into the database on a thread of its own. Doing so waits for the disk, some 40 ms for a few
 * thousand pages, and on the thread that serves requests every one of them would wait along.
 *
 * @module
 */

/** What the thread is told. */
export type CheckpointOrder =
  | { readonly kind: "checkpoint"; readonly path: string }
  | { readonly kind: "end" };

/** What it answers. */
export interface CheckpointReport {
  /** False if it could not be done. */
  readonly done: boolean;
  /** Whether the database is closed: the answer to `end`. */
  readonly ended: boolean;
}

/** Changes gather at least so long between two checkpoints, milliseconds. */
const PAUSE_MS = 1_000;

/** The checkpoint thread of one open database. */
export class Checkpointer {
  readonly #path: string;
  readonly #onFailure: () => void;
  #worker: Worker | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #busy = false;
  #changed = false;

  /**
   * Does nothing until the first {@linkcode changed}.
   *
   * @param path the database
   * @param onFailure called once if the thread cannot do it; somebody else has to
   */
  constructor(path: string, onFailure: () => void) {
    this.#path = path;
    this.#onFailure = onFailure;
  }

  /** Tells that something was committed. */
  changed(): void {
    this.#changed = true;
    if (this.#busy || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => this.#run(), PAUSE_MS);
    Deno.unrefTimer(this.#timer);
  }

  /** Ends the thread, and resolves once it has closed the database. Idempotent. */
  close(): Promise<void> {
    clearTimeout(this.#timer);
    this.#busy = true;
    const worker = this.#worker;
    this.#worker = undefined;
    if (worker === undefined) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    worker.onmessage = ({ data }: MessageEvent<CheckpointReport>) => data.ended && resolve();
    worker.onerror = (event) => {
      event.preventDefault();
      resolve();
    };
    worker.postMessage({ kind: "end" } satisfies CheckpointOrder);
    return promise.finally(() => worker.terminate());
  }

  #run(): void {
    this.#timer = undefined;
    this.#changed = false;
    this.#busy = true;
    this.#worker ??= this.#start();
    this.#worker.postMessage({ kind: "checkpoint", path: this.#path } satisfies CheckpointOrder);
  }

  #start(): Worker {
    const worker = new Worker(new URL("./checkpoint_worker.ts", import.meta.url), {
      type: "module",
      name: "checkpoint",
    });
    const giveUp = () => {
      if (this.#worker !== worker) return;
      // Busy for good: no further order is given.
      this.#worker = undefined;
      worker.terminate();
      this.#onFailure();
    };
    worker.onmessage = ({ data }: MessageEvent<CheckpointReport>) => {
      if (this.#worker !== worker) return;
      if (!data.done) return giveUp();
      this.#busy = false;
      if (this.#changed) this.changed();
    };
    worker.onerror = (event) => {
      event.preventDefault();
      giveUp();
    };
    return worker;
  }
}
