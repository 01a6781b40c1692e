/** A child process whose lines are read as they come. */
export interface Child {
  /** Its id. */
  pid: number;
  /** The next line; undefined once it has ended. */
  line(): Promise<string | undefined>;
  /** Lines that were printed and not read yet, to the end. */
  rest(): Promise<string[]>;
  /** Ends it at once, as `kill -9` does. */
  kill(): void;
  /** Resolves once it has ended. */
  ended: Promise<Deno.CommandStatus>;
}

/** Starts a program of `children/`. */
export function startChild(name: string, ...args: string[]): Child {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      "--quiet",
      "--allow-read",
      "--allow-write",
      `${import.meta.dirname}/children/${name}.ts`,
      ...args,
    ],
    stdout: "piped",
    stderr: "inherit",
    stdin: "null",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let buffered = "";
  const line = async (): Promise<string | undefined> => {
    for (;;) {
      const end = buffered.indexOf("\n");
      if (end >= 0) {
        const found = buffered.slice(0, end);
        buffered = buffered.slice(end + 1);
        return found;
      }
      const { value, done } = await reader.read();
      if (done) return undefined; // What follows the last newline was cut off by the kill.
      buffered += value;
    }
  };
  return {
    pid: child.pid,
    line,
    rest: async () => {
      const lines: string[] = [];
      for (let next = await line(); next !== undefined; next = await line()) lines.push(next);
      return lines;
    },
    kill: () => {
      try {
        child.kill("SIGKILL");
      } catch (error) {
        // It ended in the same moment; there is nothing left to kill.
        if (!(error instanceof TypeError)) throw error;
      }
    },
    ended: child.status,
  };
}
