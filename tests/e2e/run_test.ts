import assert from "node:assert/strict";
import { Api, gone, Home, isAlive } from "./harness.ts";

const SECRET = "a-secret-value-that-is-long-enough";

/** A home with the credential `k`, unlocked. */
async function homeWithKey(hosts: string): Promise<{ home: Home; token: string } & AsyncDisposable> {
  const home = await Home.withVault();
  const { credential } = await home.json("add", "k", "--value", SECRET, "--hosts", hosts);
  return { home, token: credential.wisp_token, [Symbol.asyncDispose]: () => home[Symbol.asyncDispose]() };
}

const sh = (script: string, ...args: string[]) => ["--", "/bin/sh", "-c", script, "sh", ...args];

Deno.test("a program's http requests carry the real key, by its proxy variables alone", async () => {
  await using api = new Api();
  await using fixture = await homeWithKey(api.host);
  const { home, token } = fixture;
  const ran = await home.run([
    ...["run", "--set", "KEY=k", "--caller", "tester"],
    ...sh('curl -sS -H "Authorization: Bearer $KEY" "$1"', `http://${api.host}/x`),
  ]);
  assert.equal(ran.code, 0, ran.stderr);
  assert.deepEqual(JSON.parse(ran.stdout), { ok: true });
  assert.equal(api.last?.headers["authorization"], `Bearer ${SECRET}`);
  assert.equal(api.last?.headers["proxy-authorization"], undefined);
  assert.ok(!JSON.stringify(api.seen).includes(token));
});

Deno.test("a client that says who calls only when it is asked is known as who it is", async () => {
  await using api = new Api();
  await using fixture = await homeWithKey(api.host);
  const { home } = fixture;
  // By the variable for http, and, through a tunnel, for https, where plain HTTP will do inside.
  const ran = await home.run([
    ...["run", "--set", "KEY=k", "--caller", "tester"],
    ...sh(
      'for how in "" --proxytunnel; do ' +
        'curl -sS $how --proxy-anyauth -w " %{num_connects}\n" -H "Authorization: Bearer $KEY" "$1" || exit; ' +
        'done; echo "$http_proxy"; cat "$HOME/.wispkey/proxy.json"',
      `http://${api.host}/x`,
    ),
  ]);
  assert.equal(ran.code, 0, ran.stderr);
  const [forward, tunnelled, asking = "", file = ""] = ran.stdout.split("\n");
  assert.equal(forward, '{"ok":true} 1', "asked and answered over one connection");
  assert.equal(tunnelled, '{"ok":true} 1');
  assert.equal(api.seen.length, 2);
  assert.equal(api.last?.headers["authorization"], `Bearer ${SECRET}`);
  const { entries } = await home.json("log", "--event", "CredentialUsed");
  assert.deepEqual(entries.map(({ caller }: { caller: string }) => caller), ["tester", "tester"]);
  const refused = await home.json("log", "--denied");
  assert.deepEqual(refused.entries, [], "to be asked is no refusal");
  assert.notEqual(Number(new URL(asking).port), JSON.parse(file).port, "the port for everybody is another");
  assert.equal((await home.json("status")).proxy, null, "both ports close with the program");
});

Deno.test("variables that hold a stored secret hold its token; what holds another is left out, and named", async () => {
  await using fixture = await homeWithKey("api.example.com");
  const { home, token } = fixture;
  await home.ok(
    "add",
    "other",
    "--value",
    "another-secret-that-is-long-enough",
    "--hosts",
    "api.example.com",
  );
  const env = {
    MY_KEY: SECRET,
    OTHER: "another-secret-that-is-long-enough",
    URL: `https://user:${SECRET}@db.example.com/`,
    PLAIN: "as it was",
    WISPKEY_FALLBACK_X: "fallback",
  };
  await Deno.writeTextFile(
    `${home.directory}/.env`,
    `export FROM_FILE='${SECRET}' # a note\nPLAIN="from the file"\n`,
  );
  const ran = await home.run(["run", "--only", "k", "--env-file", ".env", "--", "/usr/bin/env", "-0"], {
    env,
  });
  assert.equal(ran.code, 0, ran.stderr);
  const got = new Map(
    ran.stdout.split("\0").filter((line) => line !== "").map((line) => {
      const at = line.indexOf("=");
      return [line.slice(0, at), line.slice(at + 1)];
    }),
  );
  assert.equal(got.get("MY_KEY"), token);
  assert.equal(got.get("FROM_FILE"), token);
  assert.equal(got.get("PLAIN"), "from the file");
  for (const name of ["OTHER", "URL", "WISPKEY_PASSWORD", "WISPKEY_FALLBACK_X"]) {
    assert.ok(!got.has(name), name);
  }
  assert.match(ran.stderr, /left OTHER out/);
  assert.match(ran.stderr, /left URL out/);
  assert.ok(!ran.stdout.includes(SECRET) && !ran.stdout.includes("another-secret"));
  assert.ok(!ran.stderr.includes(SECRET));
  for (const name of ["NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE", "npm_config_cafile"]) {
    assert.ok(got.get(name)?.startsWith(home.vault), name);
    await Deno.stat(got.get(name) ?? "");
  }
});

Deno.test("exit code, input, output and working directory are the program's own", async () => {
  await using fixture = await homeWithKey("api.example.com");
  const { home } = fixture;
  const stdin = new TextEncoder().encode("what was typed");
  const ran = await home.run(["run", ...sh("cat; pwd; echo oops >&2; exit 42")], { stdin });
  assert.equal(ran.code, 42);
  assert.equal(ran.stdout, `what was typed${await Deno.realPath(home.directory)}\n`);
  assert.equal(ran.stderr, "oops\n");
  assert.equal((await home.run(["run", ...sh("kill -9 $$")])).code, 137);
  assert.equal((await home.run(["run", ...sh("kill -TERM $$")])).code, 143);
  assert.equal((await home.run(["run", "--", "no-such-program"])).code, 127);
  assert.equal((await home.run(["run", "--", "/dev/null"])).code, 126);
  const usage = await home.run(["run"]);
  assert.equal(usage.code, 2);
  assert.match(usage.stderr, /wispkey run --help/);
});

Deno.test("signals reach the program, and it inherits nothing of how this one protects itself", async () => {
  await using fixture = await homeWithKey("api.example.com");
  const { home } = fixture;
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGUSR2"] as const) {
    const child = home.command([
      "run",
      ...sh('trap "echo got; exit 9" INT TERM HUP USR2; echo ready; while :; do sleep 0.05; done'),
    ]).spawn();
    const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    assert.match((await reader.read()).value ?? "", /ready/);
    child.kill(signal);
    assert.match((await reader.read()).value ?? "", /got/, signal);
    assert.equal((await reader.read()).done, true);
    assert.equal((await child.status).code, 9, signal);
    await child.stderr.cancel();
  }
  const ran = await home.run(["run", ...sh("grep SigIgn /proc/self/status; ulimit -H -c")]);
  const [ignored = "", core = ""] = ran.stdout.trim().split("\n");
  const bit = 1n << 9n; // SIGUSR1, which this program ignores
  assert.equal(BigInt(`0x${ignored.replace(/\D*/, "")}`) & bit, 0n, ignored);
  const outside = await new Deno.Command("/bin/sh", { args: ["-c", "ulimit -H -c"] }).output();
  assert.equal(core, new TextDecoder().decode(outside.stdout).trim());
});

Deno.test("the daemon is started if none runs, and ends with the program that it was started for", async () => {
  await using fixture = await homeWithKey("api.example.com");
  const { home } = fixture;
  await home.ok("stop");
  const ran = await home.run(["run", ...sh('cat "$HOME/.wispkey/daemon.json"')]);
  assert.equal(ran.code, 0, ran.stderr);
  await gone(JSON.parse(ran.stdout).pid);
  assert.equal(await home.daemonPid(), undefined);

  // One that ran before goes on, without the listener that was opened for the program.
  await home.ok("unlock");
  const pid = await home.daemonPid();
  const status = await home.run(["run", ...sh("exit 0")]);
  assert.equal(status.code, 0);
  assert.equal(await home.daemonPid(), pid);
  assert.ok(isAlive(pid ?? 0));
  assert.equal((await home.json("callers", "list")).callers.length, 0);
});

Deno.test("a program goes on calling while another daemon takes over", async () => {
  await using api = new Api();
  await using fixture = await homeWithKey(api.host);
  const { home } = fixture;
  const script =
    'for i in 1 2; do curl -sS -o /dev/null -w "%{http_code}\\n" -H "Authorization: Bearer $KEY" "$1"; ' +
    "read line; done";
  const child = new Deno.Command(Deno.execPath(), {
    ...commandOf(home, ["run", "--set", "KEY=k", ...sh(script, `http://${api.host}/`)]),
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const writer = child.stdin.getWriter();
  assert.equal((await reader.read()).value?.trim(), "200");
  const before = await home.daemonPid();
  await home.ok("unlock");
  assert.notEqual(await home.daemonPid(), before);
  await writer.write(new TextEncoder().encode("\n"));
  assert.equal((await reader.read()).value?.trim(), "200");
  const { callers } = await home.json("callers", "list");
  assert.equal(callers.length, 1);
  await writer.close();
  assert.equal((await child.status).code, 1, "its last `read` met the end of the input");
  await reader.cancel();
  await child.stderr.cancel();
  assert.equal((await home.json("callers", "list")).callers.length, 0);
});

/** What the harness would start, for tests that write to the command as it runs. */
function commandOf(home: Home, args: string[]): Deno.CommandOptions {
  const config = new URL("../../deno.json", import.meta.url).pathname;
  const main = new URL("../../main.ts", import.meta.url).pathname;
  return {
    args: ["run", "-A", "--no-prompt", "--cached-only", "--config", config, main, ...args],
    clearEnv: true,
    cwd: home.directory,
    env: home.environment(),
  };
}
