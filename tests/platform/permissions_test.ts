import assert from "node:assert/strict";
import { fromFileUrl } from "./child.ts";
import { LIBC_CANDIDATES } from "../../src/platform/libc.ts";
import {
  PERMISSION_KINDS,
  permissionFlags,
  type PermissionKind,
  type Role,
  ROLE_PERMISSIONS,
} from "../../src/platform/permissions.ts";
import { selfCommand } from "../../src/platform/process.ts";
import { connectDaemon } from "../../src/daemon/connect.ts";
import { alive, fake, inVault, MAIN, MAIN_PATH, start, until } from "../daemon/fake_daemon.ts";

const ROLES = Object.keys(ROLE_PERMISSIONS) as Role[];
const ROLE_MAIN = fromFileUrl(new URL("role_main.ts", import.meta.url));

async function deno(
  args: string[],
  env: Record<string, string> = {},
): Promise<{ code: number; text: string }> {
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args,
    env,
    cwd: fromFileUrl(new URL("../../", import.meta.url)),
    stdin: "null",
    stderr: "null",
  }).output();
  return { code, text: new TextDecoder().decode(stdout).trim() };
}

for (const role of ROLES) {
  Deno.test(`the role '${role}' keeps exactly what the table says, even if it was started with everything`, async () => {
    const kept = new Set<string>(JSON.parse((await deno(["run", "-A", "--no-lock", ROLE_MAIN, role])).text));
    assert.deepEqual(kept, new Set<string>(ROLE_PERMISSIONS[role]));
  });
}

Deno.test("the flags of a role grant its kinds and no more, `ffi` for the C library alone", async () => {
  for (const role of ROLES) {
    const { text } = await deno([
      "run",
      "--no-prompt",
      "--no-lock",
      ...permissionFlags(role),
      ROLE_MAIN,
      role,
    ]);
    const works = new Set<string>(JSON.parse(text));
    // The attempt opens a library that is not the C library, so it is refused although the kind is granted in part.
    assert.deepEqual(works, new Set(ROLE_PERMISSIONS[role].filter((kind) => kind !== "ffi")));
    assert.ok(!permissionFlags(role).includes("--allow-ffi"));
  }
  assert.ok(LIBC_CANDIDATES.every((path) => path.startsWith("/")));
});

Deno.test("where there is no C library to open, no flag asks for one, and the program starts", async () => {
  const flags = permissionFlags("daemon", []);
  assert.deepEqual(flags.filter((flag) => flag.startsWith("--allow-ffi")), []);
  const { code } = await deno(["run", "--no-prompt", "--no-lock", ...flags, ROLE_MAIN, "daemon"]);
  assert.equal(code, 0);
});

Deno.test("no role may import code", () => {
  for (const role of ROLES) assert.ok(!ROLE_PERMISSIONS[role].includes("import"));
  assert.ok(!ROLE_PERMISSIONS.mcp.includes("run"));
});

/**
 * What breaks a daemon's start or service when a kind is missing. `ffi` and `sys` are what closes it to others: without
 * the first it says that it is open, without the second it cannot see a debugger. `run` ends an older daemon that hangs.
 */
const DAEMON_NEEDS: Record<
  PermissionKind,
  "serves" | "closes" | "ends a hanging one" | "sees a debugger" | "nothing"
> = {
  read: "serves",
  write: "serves",
  net: "serves",
  env: "nothing",
  ffi: "closes",
  sys: "sees a debugger",
  run: "ends a hanging one",
  import: "nothing",
};

/** Starts the fake daemon with the role's flags but one; its lines, after a key was given. */
async function startWithout(
  vaultDir: string,
  kind: PermissionKind | null,
): Promise<Record<string, unknown>[]> {
  const { command, args } = selfCommand("daemon", MAIN);
  const fewer = args.filter((arg) => kind === null || !arg.startsWith(`--allow-${kind}`));
  const process = new Deno.Command(command, {
    args: [...fewer, vaultDir],
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const writer = process.stdin.getWriter();
  await writer.write(new Uint8Array([1])).catch(() => undefined); // It may have ended already.
  await writer.close().catch(() => undefined);
  const lines: Record<string, unknown>[] = [];
  let text = "";
  for await (const chunk of process.stdout.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if (text.includes("serving") || text.includes("error")) break;
  }
  for (const line of text.trim().split("\n")) if (line !== "") lines.push(JSON.parse(line));
  try {
    process.kill("SIGKILL");
  } catch {
    // It has ended by itself.
  }
  await process.status;
  return lines;
}

for (const [kind, need] of Object.entries(DAEMON_NEEDS) as [PermissionKind, string][]) {
  if (!ROLE_PERMISSIONS.daemon.includes(kind)) continue;
  Deno.test(`a daemon without '${kind}': ${need === "nothing" ? "serves, reading its settings aside" : need}`, () =>
    inVault(async (vaultDir) => {
      const lines = await startWithout(vaultDir, kind);
      const serves = lines.some((line) => line["ready"] === "serving");
      assert.equal(serves, need !== "serves", JSON.stringify(lines));
      const forKey = lines.find((line) => line["ready"] === "for-key");
      if (need === "closes") assert.equal(forKey?.["closed"], false);
    }));
}

Deno.test("a daemon with exactly its flags serves, closed to others where the system allows", () =>
  inVault(async (vaultDir) => {
    const lines = await startWithout(vaultDir, null);
    assert.deepEqual(lines.map((line) => line["ready"]), ["for-key", "serving"]);
    assert.equal(lines[0]?.["closed"], Deno.build.os !== "windows");
  }));

Deno.test("a serving daemon has given up `run`, `ffi` and `sys`", () =>
  inVault(async (vaultDir, pids) => {
    const { pid } = await start(vaultDir);
    pids.add(pid);
    const client = await connectDaemon(vaultDir);
    assert.ok(client !== null);
    assert.deepEqual((await fake(client, "fake.permissions")).result["granted"], [
      "net",
      "env",
      "read",
      "write",
    ]);
    client.close();
  }));

Deno.test({
  name:
    "neither arguments nor environment of a spawned daemon hold the key, and it lives in a session of its own",
  ignore: Deno.build.os !== "linux",
  fn: () =>
    inVault(async (vaultDir, pids) => {
      const key = crypto.getRandomValues(new Uint8Array(32));
      Deno.env.set("WISPKEY_PASSWORD", "correct horse battery");
      let pid: number;
      try {
        ({ pid } = await start(vaultDir, [...key]));
      } finally {
        Deno.env.delete("WISPKEY_PASSWORD");
      }
      pids.add(pid);
      const spellings = [
        key.toHex(),
        key.toBase64(),
        key.toBase64({ alphabet: "base64url" }),
        "correct horse",
      ];
      const read = (file: string) => {
        const bytes = Deno.readFileSync(`/proc/${pid}/${file}`);
        return new TextDecoder("latin1").decode(bytes);
      };
      const texts = [read("cmdline")];
      // Of another user's closed process not even the environment can be read; as root it can.
      if (Deno.uid() === 0) texts.push(read("environ"));
      for (const text of texts) {
        for (const spelling of spellings) assert.ok(!text.includes(spelling));
        assert.ok(!text.includes(new TextDecoder("latin1").decode(key)));
      }
      assert.ok(texts[0]?.includes(MAIN_PATH));
      const session = read("stat").split(") ")[1]?.split(" ")[3];
      assert.equal(Number(session), pid);
      for await (const entry of Deno.readDir(vaultDir)) {
        if (!entry.isFile) continue;
        const text = new TextDecoder("latin1").decode(await Deno.readFile(`${vaultDir}/${entry.name}`));
        for (const spelling of spellings) assert.ok(!text.includes(spelling), entry.name);
      }
    }),
});

Deno.test("a daemon outlives the process that started it", () =>
  inVault(async (vaultDir, pids) => {
    const code = `const { start } = await import(${
      JSON.stringify(new URL("../daemon/fake_daemon.ts", import.meta.url))
    });
      console.log((await start(${JSON.stringify(vaultDir)})).pid);`;
    const { code: exit, text } = await deno(["eval", code]);
    assert.equal(exit, 0);
    const pid = Number(text);
    pids.add(pid);
    const client = await connectDaemon(vaultDir);
    assert.equal((await client?.call("daemon.status", {}))?.result.pid, pid);
    await client?.call("daemon.stop", {});
    client?.close();
    await until("it has ended", () => !alive(pid));
  }));

Deno.test("kinds are given up with `run` first", () => {
  assert.equal(PERMISSION_KINDS[0], "run");
});
