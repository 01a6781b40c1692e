import assert from "node:assert/strict";
import { join } from "node:path";
import fc from "fast-check";
import { FailedError } from "../../src/core/errors.ts";
import { mintToken } from "../../src/core/token.ts";
import { KEPT_LOG_FILES, LogFile } from "../../src/platform/log_file.ts";
import { LOG_LEVELS, LOG_MODULES, parseLogFilter } from "../../src/platform/log_filter.ts";
import { logger, redact, startLogging } from "../../src/platform/logging.ts";

async function logged(filter: string, body: () => void): Promise<Record<string, unknown>[]> {
  const directory = await Deno.makeTempDir();
  try {
    const file = join(directory, "wispkey.log");
    const stop = await startLogging({ filter: parseLogFilter(filter, "warn"), file });
    body();
    await stop();
    if (Deno.build.os !== "windows") assert.equal((Deno.statSync(file).mode ?? 0) & 0o777, 0o600);
    const lines = Deno.readTextFileSync(file).split("\n").filter((line) => line !== "");
    return lines.map((line) => JSON.parse(line));
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

Deno.test("a record is one line of JSON with time, level, module, message and fields", async () => {
  const [record, ...rest] = await logged("info", () => {
    logger("proxy").info("listening on {this} port", { port: 7700, host: 'a"b\nc' });
  });
  assert.deepEqual(rest, []);
  const { time, ...others } = record ?? {};
  assert.ok(Math.abs(Date.parse(String(time)) - Date.now()) < 60_000);
  assert.deepEqual(others, {
    level: "info",
    module: "proxy",
    message: "listening on {this} port",
    port: 7700,
    host: 'a"b\nc',
  });
});

Deno.test("an error is written as its code, message and hint", async () => {
  const [known, unknown] = await logged("error", () => {
    const detail = { code: "disk_full", hint: "make room" };
    logger("vault").error("cannot write", { error: new FailedError("cannot write: disk full", detail) });
    logger("vault").error("cannot write", { error: new RangeError("odd") });
  });
  assert.deepEqual(known?.["error"], {
    code: "disk_full",
    message: "cannot write: disk full",
    exit_code: 1,
    hint: "make room",
  });
  assert.deepEqual(unknown?.["error"], { code: "internal", message: "odd", exit_code: 1 });
});

Deno.test("levels hold for all modules or for single ones", async () => {
  const say = () => {
    for (const module of ["proxy", "vault", "daemon"] as const) {
      for (const level of ["debug", "info", "warn", "error"] as const) logger(module)[level]("spoken");
    }
  };
  const count = async (filter: string) => {
    const records = await logged(filter, say);
    return ["proxy", "vault", "daemon"].map((module) =>
      records.filter((record) => record["module"] === module).map((record) => record["level"]).join(" ")
    );
  };
  assert.deepEqual(await count("proxy=debug,vault=off"), ["debug info warn error", "", "warn error"]);
  assert.deepEqual(await count("off"), ["", "", ""]);
  assert.deepEqual(await count("info"), Array(3).fill("info warn error"));
});

Deno.test("nothing is written before logging starts and after it has stopped", async () => {
  logger("cli").error("too early");
  assert.deepEqual(await logged("debug", () => {}), []);
  logger("cli").error("too late");
});

Deno.test("filters: plain levels, pairs, later ones winning; anything else is refused by name", () => {
  assert.equal(parseLogFilter("", "warn").cli, "warn");
  assert.equal(parseLogFilter("debug , info", "warn").cli, "info");
  assert.equal(parseLogFilter("proxy=debug,error", "warn").proxy, "debug");
  assert.equal(parseLogFilter("proxy=debug,proxy=error", "warn").proxy, "error");
  for (
    const bad of ["loud", "proxy", "proxy=", "proxy=loud", "nobody=info", "=info", "proxy=info=debug", "INFO"]
  ) {
    assert.throws(() => parseLogFilter(bad, "warn"), { code: "invalid_log_filter", exitCode: 2 }, bad);
  }
});

Deno.test("every filter of levels and pairs is understood", () => {
  const level = fc.constantFrom(...LOG_LEVELS);
  const pair = fc.tuple(fc.constantFrom(...LOG_MODULES), level);
  fc.assert(fc.property(level, fc.array(pair), (general, pairs) => {
    const text = [general, ...pairs.map(([module, l]) => `${module}=${l}`)].join(",");
    const expected = { ...Object.fromEntries(LOG_MODULES.map((module) => [module, general])) };
    for (const [module, l] of pairs) expected[module] = l;
    assert.deepEqual(parseLogFilter(text, "warn"), expected);
  }));
});

Deno.test("no token reaches the log, wherever it hides", async () => {
  const tokens = ["openai prod", "K", "ünïcödé", "x".repeat(100)].map((name) => mintToken(name));
  const records = await logged("debug", () => {
    for (const token of tokens) {
      logger("proxy").warn("refused", {
        host: `${token}.evil.test`,
        credential: `a${token}`,
        operation: token.toUpperCase(),
        error: new FailedError(`cannot use '${token}'`, { code: token, hint: `wispkey rotate ${token}` }),
      });
      logger("proxy").warn("refused", { error: new Error(token) });
    }
  });
  const text = JSON.stringify(records).toLowerCase();
  assert.equal(records.length, 2 * tokens.length);
  for (const token of tokens) assert.ok(!text.includes(token.slice(3)), token);
  assert.match(text, /wk_\[redacted\]/);
});

Deno.test("redacting leaves no token in any text", () => {
  const piece = fc.oneof(fc.string(), fc.string().map((name) => mintToken(name)));
  fc.assert(fc.property(fc.array(piece), (pieces) => {
    const text = redact(pieces.join(""));
    assert.doesNotMatch(text, /wk_[a-z0-9_]+/i);
  }));
});

Deno.test("the type of a record leaves no room for bytes, other fields or a made-up message", () => {
  const log = logger("cli").info;
  const made = `at ${Date.now()}`;
  const value = new Uint8Array([1]);
  // These calls must not compile; each line would, were the expectation not met, be an error itself.
  // @ts-expect-error a message is a literal
  log(made);
  // @ts-expect-error bytes are no field
  log("x", { value });
  // @ts-expect-error nor are they a field's value
  log("x", { host: value });
  // @ts-expect-error fields are named
  log("x", { password: "p" });
  assert.ok(made);
});

Deno.test("without a file, lines go to stderr as text", async () => {
  const url = (path: string) => JSON.stringify(new URL(path, import.meta.url).href);
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "eval",
      `import { logger, startLogging } from ${url("../../src/platform/logging.ts")};
       import { parseLogFilter } from ${url("../../src/platform/log_filter.ts")};
       await startLogging({ filter: parseLogFilter("info", "warn") });
       logger("cli").info("started", { pid: 5, host: "a b" });
       logger("cli").debug("unheard");`,
    ],
    cwd: new URL("../../", import.meta.url),
  }).output();
  assert.equal(new TextDecoder().decode(stdout), "");
  assert.match(
    new TextDecoder().decode(stderr),
    /^\d{4}-\d\d-\d\dT[\d:.]+Z info cli: started pid=5 host="a b"\n$/,
  );
});

Deno.test("a full log file makes room and keeps a few older ones, each owner-only and within the limit", async () => {
  const directory = await Deno.makeTempDir();
  try {
    const path = join(directory, "log");
    const file = await LogFile.open(path, 100);
    for (let number = 0; number < 100; number++) {
      file.write(new TextEncoder().encode(`${String(number).padStart(9, "0")}\n`));
    }
    file.close();
    const again = await LogFile.open(path, 100);
    again.write(new TextEncoder().encode("000000100\n"));
    again.close();
    const names = [...Deno.readDirSync(directory)].map((entry) => entry.name).sort();
    assert.deepEqual(names, ["log", ...Array.from({ length: KEPT_LOG_FILES }, (_, n) => `log.${n + 1}`)]);
    let text = "";
    for (const name of names.toReversed()) {
      const content = Deno.readTextFileSync(join(directory, name));
      assert.ok(content.length <= 100);
      if (Deno.build.os !== "windows") {
        assert.equal((Deno.statSync(join(directory, name)).mode ?? 0) & 0o777, 0o600);
      }
    }
    for (const name of ["log.3", "log.2", "log.1", "log"]) {
      text += Deno.readTextFileSync(join(directory, name));
    }
    const numbers = text.trim().split("\n").map(Number);
    assert.equal(numbers.at(-1), 100);
    assert.deepEqual(
      numbers,
      numbers.map((_, index) => (numbers[0] ?? 0) + index),
      "no line lost in between",
    );
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});
