/**
 * A person at the terminal of `serve` answers what waits, with the real program on a real terminal.
 */

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { Api, Home, through } from "./harness.ts";

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

const terminal = await canMakeTerminals();
if (!terminal) {
  console.log("asking on the terminal of serve is not tried: there is no `script` of util-linux");
}

/** `serve` on a terminal: what it shows, and a keyboard. */
class Screen implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #keyboard: WritableStreamDefaultWriter<Uint8Array>;
  readonly #reading: Promise<void>;
  #seen = 0;
  #changed = Promise.withResolvers<void>();
  text = "";

  constructor(home: Home) {
    const command = [
      ...[Deno.execPath(), "run", "-A", "--no-prompt", "--cached-only", "--config", `${root}deno.json`],
      ...[`${root}main.ts`, "serve", "--random-port", "--no-notify"],
    ];
    const { WISPKEY_PASSWORD: _password, ...env } = home.environment();
    this.#process = new Deno.Command("script", {
      args: ["--quiet", "--return", "--command", command.map((each) => `'${each}'`).join(" "), "/dev/null"],
      clearEnv: true,
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

  async type(text: string): Promise<void> {
    await this.#keyboard.write(new TextEncoder().encode(text));
  }

  async #read(): Promise<void> {
    for await (const text of this.#process.stdout.pipeThrough(new TextDecoderStream())) {
      this.text += text;
      this.#changed.resolve();
      this.#changed = Promise.withResolvers();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.type("\x03").catch(() => undefined); // It may have ended already.
    await this.#process.status;
    await this.#reading;
    await this.#keyboard.close().catch(() => undefined);
  }
}

Deno.test({
  name: "who sits at the terminal of serve approves with the password, and denies without",
  ignore: !terminal,
  fn: async () => {
    await using home = await Home.withVault();
    await using api = new Api();
    await Deno.writeTextFile(
      `${home.vault}/policies.toml`,
      '[[policy]]\nname = "ask"\ncredential = "k"\nrequire_approval = ["DELETE"]\n',
    );
    await home.ok("unlock");
    const added = await home.json("add", "k", "--value", "sk-asked-0123456789abcdef", "--hosts", api.host);
    await using screen = new Screen(home);
    const [, address = ""] = await screen.shows(/Proxy on (http:\/\/[\d.:]+)\./);
    await screen.shows(/Ctrl-C closes it/);
    const ask = async (path: string) => {
      const headers = { Authorization: `Bearer ${added.credential.wisp_token}` };
      const answer = await through(address, `http://${api.host}${path}`, headers, { method: "DELETE" });
      await answer.body?.cancel();
      return answer.status;
    };

    const first = ask("/approve");
    await screen.shows(/own words\): DELETE http:\/\/127\.0\.0\.1:\d+\/approve/);
    await screen.shows(/\[y\/N\]/);
    await screen.type("y\r");
    await screen.shows(/Master password: /);
    assert.equal(api.seen.length, 0, "yes alone is not enough");
    await screen.type("not the password\r");
    await screen.shows(/\[y\/N\]/);
    await screen.type("y\r");
    await screen.shows(/Master password: /);
    await screen.type(`${home.password}\r`);
    await screen.shows(/Approved [0-9a-f]{12}\./);
    assert.equal(await first, 200);

    const second = ask("/deny");
    await screen.shows(/\[y\/N\]/);
    await screen.type("\r");
    assert.equal(await second, 403);
    assert.deepEqual(api.seen.map(({ url }) => url), ["/approve"]);
    assert.ok(!screen.text.includes(home.password), "the password was not shown");
  },
});
