/**
 * Telling a signal to our whole process group, such as the terminal's Ctrl-C, from one that was sent to this process alone.
 * The runtime does not say where a signal comes from. A process of our group that does nothing but wait does: it ends by what
 * the group is sent.
 *
 * @module
 */

/** Waits for the end of its input, which is ours: if we are killed, so is it. */
const WAITING = "/bin/cat";

/** By then the witness has ended, if it was sent the signal, milliseconds. */
const WAIT_MS = 300;

/** A process that got whatever our process group was sent. */
export class GroupWitness {
  #process: Deno.ChildProcess | null;
  #closed = false;

  private constructor(process: Deno.ChildProcess) {
    this.#process = process;
  }

  /** Starts one; null if the system has no program for it. */
  static start(): GroupWitness | null {
    const process = spawn();
    return process === null ? null : new GroupWitness(process);
  }

  /**
   * Whether a signal that we have just got was sent to our whole group. Resolves at once if it was, else after 300 ms; without
   * a witness it counts as sent to all, so that nobody gets it twice.
   */
  async saw(signal: Deno.Signal): Promise<boolean> {
    const process = this.#process;
    if (process === null) return true;
    const { promise, resolve } = Promise.withResolvers<Deno.Signal | null>();
    const timer = setTimeout(resolve, WAIT_MS, null);
    // It may have ended by another signal a moment ago.
    void process.status.then((status) => resolve(status.signal));
    const ending = await promise ?? (hasEnded(process.pid) ? signal : null);
    clearTimeout(timer);
    // The first who sees it starts another, for the signals to come, as long as that is allowed.
    if (ending !== null && !this.#closed && this.#process === process) this.#process = spawn();
    return ending === signal;
  }

  /** Ends it. */
  async close(): Promise<void> {
    this.#closed = true;
    const process = this.#process;
    this.#process = null;
    if (process === null) return;
    try {
      process.kill("SIGKILL");
    } catch {
      // It has ended already.
    }
    await process.status;
    await process.stdin.close().catch(() => undefined); // Its reader is gone.
  }
}

/** Whether a process has ended of which a busy machine has not told us yet; Linux only. */
function hasEnded(pid: number): boolean {
  try {
    return / [ZX] /.test(Deno.readTextFileSync(`/proc/${pid}/stat`));
  } catch {
    return false; // No such file: another system, or it is told by now.
  }
}

function spawn(): Deno.ChildProcess | null {
  // It is given up once the person's program runs. Asking all the same would have the runtime ask the person.
  if (Deno.permissions.querySync({ name: "run", command: WAITING }).state !== "granted") return null;
  try {
    const process = new Deno.Command(WAITING, {
      clearEnv: true,
      cwd: "/",
      stdin: "piped",
      stdout: "null",
      stderr: "null",
    }).spawn();
    process.unref();
    return process;
  } catch {
    return null; // There is no such program here: signals of a terminal are taken for the group's.
  }
}
