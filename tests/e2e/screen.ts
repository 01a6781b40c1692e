/**
 * The real program on a real terminal, made by `script` of util-linux.
 *
 * @module
 */

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { shellQuote } from "../../src/core/shell_quote.ts";
import type { Home } from "./harness.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** Whether `script` of util-linux is here, which gives a program a terminal. */
async function canMakeTerminals(): Promise<boolean> {
  if (Deno.build.os !== "linux") return false;
  try {
    const { stdout } = await new Deno.Command("script", { args: ["--version"], stderr: "null" }).output();
    return /util-linux/.test(new TextDecoder().decode(stdout));
  } catch {
    return false;
  }
}

/** Whether tests that need a terminal can run. */
export const terminal: boolean = await canMakeTerminals();
if (!terminal) console.log("what a person types is not tried: there is no `script` of util-linux");

/** A command on a terminal of 80 columns, with nothing in its environment that answers: what it shows, and a keyboard. */
export class Screen implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #keyboard: WritableStreamDefaultWriter<Uint8Array>;
  readonly #reading: Promise<void>;
  #seen = 0;
  #changed = Promise.withResolvers<void>();
  /** All that was shown. */
  text = "";

  /** Starts it. */
  constructor(home: Home, ...args: string[]) {
    const command = [
      // As from a checkout, without --no-prompt: a permission that was given up and is needed after all would show.
      ...[Deno.execPath(), "run", "-A", "--cached-only", "--config", `${root}deno.json`],
      ...[`${root}main.ts`, ...args],
    ];
    const { WISPKEY_PASSWORD: _password, ...env } = home.environment();
    this.#process = new Deno.Command("script", {
      args: [
        "--quiet",
        "--return",
        "--command",
        `stty cols 80; trap : INT; ${command.map(shellQuote).join(" ")}; echo "(ended: $?)"`,
        "/dev/null",
      ],
      clearEnv: true,
      cwd: home.directory,
      env,
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    this.#keyboard = this.#process.stdin.getWriter();
    this.#reading = this.#read();
  }

  /** Waits for a text after what was waited for before; answers its match. */
  async shows(pattern: RegExp): Promise<RegExpExecArray> {
    const deadline = Date.now() + 20_000;
    for (;;) {
      const found = pattern.exec(this.text.slice(this.#seen));
      if (found !== null) {
        this.#seen += found.index + found[0].length;
        return found;
      }
      const left = deadline - Date.now();
      assert.ok(left > 0, `${pattern} is not on the screen: ${this.text}`);
      let timer: ReturnType<typeof setTimeout> | undefined;
      const late = new Promise<void>((resolve) => timer = setTimeout(resolve, left));
      await Promise.race([this.#changed.promise, late]);
      clearTimeout(timer);
    }
  }

  /** Types a text, with `\r` for Enter. */
  async type(text: string): Promise<void> {
    await this.#keyboard.write(new TextEncoder().encode(text));
  }

  /** Waits until the command has ended by itself; answers its exit code. */
  async ends(): Promise<number> {
    const [, code] = await this.shows(/\(ended: (\d+)\)/);
    return Number(code);
  }

  async #read(): Promise<void> {
    for await (const text of this.#process.stdout.pipeThrough(new TextDecoderStream())) {
      this.text += text;
      this.#changed.resolve();
      this.#changed = Promise.withResolvers();
    }
  }

  /** Interrupts what runs still. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.type("\x03").catch(() => undefined); // It may have ended already.
    await this.#process.status;
    await this.#reading;
    await this.#keyboard.close().catch(() => undefined);
  }
}
