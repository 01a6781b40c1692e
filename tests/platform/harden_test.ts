import assert from "node:assert/strict";
import { fromFileUrl, line, stop } from "./child.ts";

const MAIN = fromFileUrl(new URL("hardened_main.ts", import.meta.url));
const unix = Deno.build.os !== "windows";
const linux = Deno.build.os === "linux";
// Root may read every process, so as root the processes run as an ordinary user.
const other = linux && Deno.uid() === 0 ? { uid: 65534, gid: 65534 } : null;
const asOther = other ?? {};

interface Started {
  process: Deno.ChildProcess;
  said: Record<string, unknown>;
  errors: { text: string };
}

/** Runs `body` with a hardened (or plain) process that has reported, and ends it. */
async function withProcess(
  mode: "hard" | "plain",
  load: "idle" | "busy",
  body: (started: Started) => Promise<void>,
): Promise<void> {
  const cache = await Deno.makeTempDir();
  if (other !== null) Deno.chownSync(cache, other.uid, other.gid);
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--no-config", "--no-lock", "--allow-ffi", "--allow-sys", MAIN, mode, load],
    env: { DENO_DIR: cache, HOME: cache, DENO_NO_UPDATE_CHECK: "1", PATH: "/usr/bin:/bin" },
    clearEnv: true,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    ...asOther,
  }).spawn();
  const errors = { text: "" };
  const draining = (async () => {
    for await (const text of process.stderr.pipeThrough(new TextDecoderStream())) errors.text += text;
  })();
  try {
    const said = JSON.parse(await line(process.stdout));
    await body({ process, said, errors });
  } finally {
    await stop(process);
    await draining;
    await Deno.remove(cache, { recursive: true });
  }
}

async function until(holds: () => boolean, ms = 10_000): Promise<boolean> {
  for (const end = Date.now() + ms; Date.now() < end;) {
    if (holds()) return true;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return holds();
}

const opensInspector = (started: Started) => /Debugger listening|inspector server/.test(started.errors.text);

Deno.test({
  name: "SIGUSR1 opens no inspector in a hardened process, idle or busy, while it does in one that is not",
  ignore: !unix,
  fn: () =>
    withProcess(
      "plain",
      "idle",
      (plain) =>
        withProcess("hard", "idle", (idle) =>
          withProcess("hard", "busy", async (busy) => {
            for (const { said } of [idle, busy]) {
              assert.equal((said["report"] as { signalBlocked: boolean }).signalBlocked, true);
            }
            // At once, before the runtime has installed its handler, and again after it surely has: the plain process
            // would be killed by an early signal, so it gets only late ones.
            for (const started of [idle, busy]) started.process.kill("SIGUSR1");
            await until(() => false, 700);
            for (const started of [plain, idle, busy]) started.process.kill("SIGUSR1");
            assert.ok(await until(() => opensInspector(plain)), "the attack works on a plain process");
            for (const started of [idle, busy]) started.process.kill("SIGUSR1");
            await until(() => opensInspector(idle) || opensInspector(busy), 500);
            assert.equal(idle.errors.text, "");
            assert.equal(busy.errors.text, "");
          })),
    ),
});

Deno.test({
  name: "memory and environment of a hardened process are closed to the same user, those of a plain one open",
  ignore: !linux,
  fn: () =>
    withProcess("hard", "idle", (hard) =>
      withProcess("plain", "idle", async (plain) => {
        const readable = async (pid: number, file: string) => {
          const { success } = await new Deno.Command("/usr/bin/head", {
            args: ["-c1", `/proc/${pid}/${file}`],
            stdout: "null",
            stderr: "null",
            ...asOther,
          }).output();
          return success;
        };
        for (const file of ["environ", "maps", "auxv"]) {
          assert.equal(await readable(plain.process.pid, file), true, `${file} of the plain process`);
          assert.equal(await readable(hard.process.pid, file), false, `${file} of the hardened process`);
        }
        assert.equal(await readable(hard.process.pid, "mem"), false);
      })),
});

Deno.test({
  name: "a hardened process leaves no core file and cannot raise the limit again",
  ignore: !linux,
  fn: () =>
    withProcess("hard", "idle", async (hard) => {
      assert.equal((hard.said["report"] as { closed: boolean }).closed, true);
      const limits = await new Deno.Command("/bin/cat", { args: [`/proc/${hard.process.pid}/limits`] })
        .output();
      const text = new TextDecoder().decode(limits.stdout);
      assert.match(text, /Max core file size\s+0\s+0\s/);
    }),
});

Deno.test("hardening gives up the permissions it took", () =>
  withProcess("hard", "idle", ({ said }) => {
    assert.equal(said["ffi"], "prompt");
    assert.equal(said["sys"], "prompt");
    return Promise.resolve();
  }));

Deno.test("a process started under a debugger refuses to go on", async () => {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--inspect=127.0.0.1:0",
      "--no-prompt",
      "--no-config",
      "--no-lock",
      "--allow-ffi",
      "--allow-sys",
      MAIN,
      "hard",
      "idle",
    ],
    stdin: "null",
    env: { NO_COLOR: "1" },
  }).output();
  assert.equal(code, 1);
  assert.match(new TextDecoder().decode(stderr), /cannot go on: a debugger is attached/);
});

Deno.test("without the C library's permission the report says that the process is not closed", async () => {
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      "eval",
      "--no-config",
      "--no-lock",
      `import { giveUp } from ${
        JSON.stringify(new URL("../../src/platform/permissions.ts", import.meta.url))
      };
       import { harden } from ${JSON.stringify(new URL("../../src/platform/harden.ts", import.meta.url))};
       giveUp("ffi");
       console.log(JSON.stringify([await harden(), await harden()]));`,
    ],
    stdin: "null",
  }).output();
  assert.equal(code, 0, "and it ends by itself when its work is done");
  const [first, second] = JSON.parse(new TextDecoder().decode(stdout));
  assert.equal(first.closed, false);
  assert.deepEqual(first, second);
});
