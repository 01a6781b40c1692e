/**
 * Telling a signal to our whole process group, such as the terminal's Ctrl-C, from one that was sent to this process alone.
 * The runtime does not say where a signal comes from. A process of our group that does nothing but say what it got does.
 *
 * @module
 */

/** What it may tell of: signals that a terminal sends. */
const TOLD = ["SIGINT", "SIGQUIT", "SIGHUP"] as const satisfies readonly Deno.Signal[];

/** So long after one of us the other has got the same signal, milliseconds. */
const WAIT_MS = 300;

/**
 * Says each signal and goes on; ends with its input, which is ours: if we are killed, so is it. What `read` answers when a signal
 * comes differs between shells, hence the mark.
 */
const SCRIPT = TOLD.map((signal) => `trap 'got=1; echo ${signal}' ${signal.slice(3)}; `).join("") +
  'while :; do got=; read -r _ || [ "$got" ] || exit; done';

/** A process that gets whatever our process group is sent, from its start to its end. */
export class GroupWitness {
  readonly #process: Deno.ChildProcess;
  /** What it has told of and nobody has asked for yet, and when. */
  #told: { readonly signal: string; readonly at: number }[] = [];
  readonly #waiting = new Set<{ readonly signal: string; readonly resolve: (saw: boolean) => void }>();
  readonly #reading: Promise<void>;
  #ended = false;

  private constructor(process: Deno.ChildProcess) {
    this.#process = process;
    this.#reading = this.#read();
  }

  /** Starts one, for which programs may be started; null if the system has no program for it. */
  static start(): GroupWitness | null {
    try {
      const process = new Deno.Command("/bin/sh", {
        args: ["-c", SCRIPT],
        clearEnv: true,
        cwd: "/",
        stdin: "piped",
        stdout: "piped",
        stderr: "null",
      }).spawn();
      process.unref();
      return new GroupWitness(process);
    } catch {
      return null; // There is no such program here: signals of a terminal are taken for the group's.
    }
  }

  /**
   * Whether a signal that we have just got was sent to our whole group. Resolves at once if it was, else after 300 ms; if the
   * witness is gone it counts as sent to all, so that nobody gets it twice.
   */
  async saw(signal: Deno.Signal): Promise<boolean> {
    const now = performance.now();
    this.#told = this.#told.filter(({ at }) => now - at < WAIT_MS);
    const known = this.#told.findIndex((each) => each.signal === signal);
    if (known >= 0) this.#told.splice(known, 1);
    if (known >= 0 || this.#ended) return true;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const waiter = { signal, resolve };
    this.#waiting.add(waiter);
    const timer = setTimeout(resolve, WAIT_MS, false);
    const saw = await promise;
    clearTimeout(timer);
    this.#waiting.delete(waiter);
    return saw;
  }

  /** Ends it. */
  async close(): Promise<void> {
    try {
      this.#process.kill("SIGKILL");
    } catch {
      // It has ended already.
    }
    await this.#process.status;
    await this.#reading;
    await this.#process.stdin.close().catch(() => undefined); // Its reader is gone.
  }

  async #read(): Promise<void> {
    let text = "";
    for await (const piece of this.#process.stdout.pipeThrough(new TextDecoderStream())) {
      const lines = (text + piece).split("\n");
      text = lines.pop() ?? "";
      for (const signal of lines) this.#tell(signal);
    }
    this.#ended = true;
    for (const { resolve } of this.#waiting) resolve(true);
  }

  #tell(signal: string): void {
    for (const waiter of this.#waiting) {
      if (waiter.signal !== signal) continue;
      this.#waiting.delete(waiter);
      return waiter.resolve(true);
    }
    this.#told.push({ signal, at: performance.now() });
  }
}
