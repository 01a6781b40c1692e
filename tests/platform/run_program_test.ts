import assert from "node:assert/strict";
import { cannotStart } from "../../src/platform/run_program.ts";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("run_program_main.ts", import.meta.url));
const BRIDGE = fileURLToPath(new URL("on_a_terminal.py", import.meta.url));
const DENO = [Deno.execPath(), "run", "-A", "--quiet", MAIN];

/** Counts what it is sent, says so, and sums up when it is sent SIGUSR2. */
const COUNTS =
  ["INT", "QUIT", "HUP"].map((name) =>
    `${name}=0; trap '${name}=$((${name}+1)); echo "${name} $${name}"' ${name}; `
  ).join("") + "trap 'echo \"all $INT $QUIT $HUP\"; exit 7' USR2; echo ready; while :; do sleep 0.05; done";

/** The same in Python, which takes signals one by one, so that two in a row are two. */
const COUNTS_EACH = `
import signal
kinds = [signal.SIGINT, signal.SIGQUIT, signal.SIGHUP]
counts = {kind: 0 for kind in kinds}
signal.pthread_sigmask(signal.SIG_BLOCK, [*kinds, signal.SIGUSR2])
print("ready", flush=True)
while (got := signal.sigwait([*kinds, signal.SIGUSR2])) in counts:
    counts[got] += 1
    print(signal.Signals(got).name[3:], counts[got], flush=True)
print("all", *counts.values(), flush=True)
raise SystemExit(7)
`;

async function hasPython(): Promise<boolean> {
  try {
    return (await new Deno.Command("python3", { args: ["-c", "import pty"], stderr: "null" }).output())
      .success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

const ignore = !(await hasPython());
if (ignore) console.warn("python3 is not there: what signals do on a terminal is not tested");

function endGroup(pid: number): void {
  try {
    Deno.kill(-pid, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** A running command that says something now and then. */
class Talk implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #reader: ReadableStreamDefaultReader<string>;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  heard = "";

  constructor(command: string, args: readonly string[]) {
    this.#child = new Deno.Command(command, { args: [...args], stdin: "piped", stdout: "piped" }).spawn();
    this.#reader = this.#child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    this.#writer = this.#child.stdin.getWriter();
  }

  get pid(): number {
    return this.#child.pid;
  }

  get status(): Promise<Deno.CommandStatus> {
    return this.#child.status;
  }

  /** Waits until a text was said. */
  async until(text: string): Promise<void> {
    while (!this.heard.includes(text)) {
      const { value, done } = await this.#reader.read();
      assert.ok(!done, `it ended without '${text}': ${this.heard}`);
      this.heard += value;
    }
  }

  /** Types something. */
  async type(text: string): Promise<void> {
    await this.#writer.write(new TextEncoder().encode(text));
  }

  /** Ends the input. */
  async hangUp(): Promise<void> {
    await this.#writer.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // A test that failed leaves a program behind that takes no signal but this.
    const group = Number(this.heard.split("\n")[0]);
    if (group > 0) endGroup(group);
    await this.#writer.close().catch(() => {}); // Closed by the test, or its reader is gone.
    await this.#child.status;
    await this.#reader.cancel();
  }
}

Deno.test({
  name:
    "on a terminal each signal reaches the program once, whether it is typed, sent to the group or to us alone",
  ignore,
  async fn() {
    await using talk = new Talk("python3", [BRIDGE, ...DENO, "python3", "-c", COUNTS_EACH]);
    await talk.until("ready");
    const run = Number(talk.heard.split("\n")[0]);
    // Each to all is followed by another to `run` alone: had the first been passed on, too, it would be counted by the time the
    // second is, and one does not hide the other as two of a kind would.
    const steps: [act: () => unknown, said: string][] = [
      [() => talk.type("\x03"), "INT 1"],
      [() => Deno.kill(run, "SIGQUIT"), "QUIT 1"],
      [() => talk.type("\x1c"), "QUIT 2"],
      [() => Deno.kill(run, "SIGINT"), "INT 2"],
      [() => Deno.kill(-run, "SIGINT"), "INT 3"],
      [() => Deno.kill(run, "SIGHUP"), "HUP 1"],
    ];
    for (const [act, said] of steps) {
      await act();
      await talk.until(said);
    }
    Deno.kill(run, "SIGUSR2");
    await talk.until("all 3 2 1");
    assert.equal((await talk.status).code, 7);
  },
});

Deno.test({
  name:
    "a terminal that is hung up tells the program, although only the first process of the session is told",
  ignore,
  async fn() {
    const file = await Deno.makeTempFile();
    try {
      const script = `trap 'echo hung up > ${file}; exit 0' HUP; echo ready; while :; do sleep 0.05; done`;
      await using talk = new Talk("python3", [BRIDGE, ...DENO, "/bin/sh", "-c", script]);
      await talk.until("ready");
      await talk.hangUp();
      await talk.status;
      assert.equal(await Deno.readTextFile(file), "hung up\n");
    } finally {
      await Deno.remove(file);
    }
  },
});

Deno.test({
  name: "without a terminal signals that are sent to us alone reach the program",
  ignore: Deno.build.os === "windows",
  async fn() {
    const child = new Deno.Command(DENO[0] ?? "", {
      args: [...DENO.slice(1), "/bin/sh", "-c", COUNTS],
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    let heard = "";
    const until = async (text: string) => {
      while (!heard.includes(text)) heard += (await reader.read()).value ?? assert.fail(heard);
    };
    await until("ready");
    for (const name of ["INT", "QUIT", "HUP"] as const) {
      child.kill(`SIG${name}`);
      await until(`${name} 1`);
    }
    child.kill("SIGUSR2");
    await until("all 1 1 1");
    assert.equal((await child.status).code, 7);
    await reader.cancel();
  },
});

Deno.test("what cannot be started is told with the reason, and a batch file of Windows with what starts it", () => {
  const told = (error: Error) => cannotStart("np\u001bm", error);
  const batch = told(
    new Deno.errors.PermissionDenied("Failed to spawn 'npm': Use a shell to execute .bat or .cmd files"),
  );
  assert.equal(batch.code, "program_not_started");
  assert.equal(batch.message, "cannot run 'np\\u{1b}m': on Windows it is a batch file, which takes a shell");
  assert.equal(batch.hint, "wispkey run -- cmd /c np\\u{1b}m …");
  assert.match(told(new Deno.errors.PermissionDenied("no")).message, /: permission denied$/);
  assert.equal(told(new Deno.errors.NotFound("no")).code, "program_not_found");
});
