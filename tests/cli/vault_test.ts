import assert from "node:assert/strict";
import type { AuditRow } from "../../src/core/audit.ts";
import { FailedError } from "../../src/core/errors.ts";
import { FakeVault, json, NOW, PASSWORD, type Ran, run } from "./fake.ts";

const ENV = { WISPKEY_PASSWORD: PASSWORD };

function fresh(changes: Partial<FakeVault> = {}): FakeVault {
  return Object.assign(new FakeVault(), changes);
}

function refused(ran: Ran, code: number, name: string): void {
  assert.equal(ran.code, code, ran.stderr + ran.stdout);
  assert.equal(ran.stdout, "");
  const { error } = JSON.parse(ran.stderr.trim().split("\n").at(-1) ?? "");
  assert.equal(error.code, name);
  assert.ok(error.hint, "there is a hint");
  assert.equal(ran.vault.open, 0, "the connection was closed");
}

Deno.test("init asks twice, makes the vault and leaves it unlocked", async () => {
  const vault = fresh({ exists: false, daemon: "none" });
  const ran = await run(["init"], { vault, secrets: ["a new password 123", "a new password 123"] });
  assert.equal(ran.code, 0, ran.stderr);
  assert.deepEqual(ran.asked, ["New master password: ", "New master password again: "]);
  assert.equal(vault.password, "a new password 123");
  assert.equal(vault.daemon, "unlocked");
  assert.deepEqual(vault.started, [{ timeoutMinutes: undefined, scope: "default" }]);
  assert.match(ran.stdout, /^Made a vault in \/home\/me\/\.wispkey\.$/m);
  assert.match(ran.stderr, /30 minutes/);
});

Deno.test("init takes the password from the environment and says in JSON what it did", async () => {
  const ran = await run(["init", "--json"], {
    vault: fresh({ exists: false, daemon: "none" }),
    env: { ...ENV, WISPKEY_SESSION_TIMEOUT: "5" },
  });
  assert.equal(ran.code, 0, ran.stderr);
  const printed = json(ran);
  assert.equal(printed.ok, true);
  assert.equal(printed.vault_path, "/home/me/.wispkey");
  assert.equal(printed.pid, 4242);
  assert.equal(printed.timeout_minutes, 5);
});

Deno.test("init refuses an existing vault, an empty and a weak password, and entries that differ", async () => {
  refused(await run(["init", "--json"], { env: ENV }), 1, "vault_exists");
  const none = () => fresh({ exists: false, daemon: "none" });
  refused(await run(["init", "--json"], { vault: none(), secrets: ["", ""] }), 2, "empty_password");
  refused(
    await run(["init", "--json"], { vault: none(), secrets: ["7 chars", "7 chars"] }),
    2,
    "weak_password",
  );
  refused(
    await run(["init", "--json"], { vault: none(), env: { WISPKEY_PASSWORD: "short" } }),
    2,
    "weak_password",
  );
  refused(
    await run(["init", "--json"], { vault: none(), secrets: [PASSWORD, `${PASSWORD}x`] }),
    2,
    "passwords_differ",
  );
  const nobody = none();
  refused(await run(["init", "--json"], { vault: nobody }), 3, "no_password");
  assert.equal(nobody.exists, false);
});

Deno.test("a password is counted in characters, not in bytes", async () => {
  const none = () => fresh({ exists: false, daemon: "none" });
  refused(
    await run(["init", "--json"], { vault: none(), env: { WISPKEY_PASSWORD: "ééééééé" } }),
    2,
    "weak_password",
  );
  assert.equal((await run(["init"], { vault: none(), env: { WISPKEY_PASSWORD: "éàüößçñø" } })).code, 0);
});

Deno.test("a password that is easy to guess is warned of, not refused", async () => {
  const none = () => fresh({ exists: false, daemon: "none" });
  const weak = await run(["init"], { vault: none(), env: { WISPKEY_PASSWORD: "aaaaaaaaaaaa" } });
  assert.equal(weak.code, 0);
  assert.match(weak.stderr, /easy to guess/);
  const strong = await run(["init"], { vault: none(), env: ENV });
  assert.ok(!strong.stderr.includes("easy to guess"));
});

Deno.test("unlock tells of the last use, the log's head, the scope and what was passed on", async () => {
  const ran = await run(["unlock"], { vault: fresh({ daemon: "locked" }), secrets: [PASSWORD] });
  assert.equal(ran.code, 0, ran.stderr);
  assert.equal(
    ran.stdout,
    [
      "Unlocked; it locks after 30 minutes without use.",
      "Last use:  2026-01-31 12:34:56 UTC, openai to api.openai.com",
      "Log:       7 rows, head 9f86d081",
      "Scope:     project default",
      "Fallback:  WISPKEY_FALLBACK_X (to api.x.test)",
      "",
    ].join("\n"),
  );
});

Deno.test("unlock warns of each program file that an agent could change", async () => {
  const ran = await run(["unlock"], {
    vault: fresh({ writable: ["/opt/wispkey", "/opt/a\u001bb"] }),
    env: ENV,
  });
  assert.match(ran.stderr, /can change this program file: \/opt\/wispkey$/m);
  assert.match(ran.stderr, /\/opt\/a\\u\{1b\}b$/m);
});

Deno.test("unlock in JSON", async () => {
  const ran = await run(["unlock", "--timeout", "480", "--all-projects", "--json"], {
    vault: fresh(),
    env: ENV,
  });
  assert.deepEqual(json(ran), {
    ok: true,
    pid: 4242,
    timeout_minutes: 480,
    locks_at: "2026-01-31T13:04:56.000Z",
    scope: null,
    last_use: { at: "2026-01-31T12:34:56.000Z", credential: "openai", host: "api.openai.com" },
    log_rows: 7,
    log_head: "9f86d081",
    environment: ["WISPKEY_FALLBACK_X"],
    fallbacks: ["WISPKEY_FALLBACK_X (to api.x.test)"],
    closed_to_debuggers: true,
    writable_program_files: [],
  });
  assert.deepEqual(ran.vault.started, [{ timeoutMinutes: 480, scope: null }]);
});

Deno.test("the time to lock comes from the option, else from the environment, else from the vault", async () => {
  const started = async (args: string[], env: Record<string, string>) =>
    (await run(["unlock", ...args], { env: { ...ENV, ...env } })).vault.started[0]?.timeoutMinutes;
  assert.equal(await started(["--timeout", "0"], { WISPKEY_SESSION_TIMEOUT: "7" }), 0);
  assert.equal(await started([], { WISPKEY_SESSION_TIMEOUT: "7" }), 7);
  assert.equal(await started([], {}), undefined);
  for (const bad of ["soon", "-1", "1.5", "525601", "٣"]) {
    const env = { ...ENV, WISPKEY_SESSION_TIMEOUT: bad };
    refused(await run(["unlock", "--json"], { env }), 2, "invalid_timeout");
  }
});

Deno.test("unlock without a vault, without a password, with an empty and with a wrong one", async () => {
  refused(
    await run(["unlock", "--json"], { vault: fresh({ exists: false }), env: ENV }),
    4,
    "vault_not_found",
  );
  refused(await run(["unlock", "--json"]), 3, "vault_locked");
  refused(await run(["unlock", "--json"], { secrets: [""] }), 3, "empty_password");
  refused(await run(["unlock", "--json"], { secrets: ["wrong password"] }), 3, "wrong_password");
});

Deno.test("Ctrl-C at the password prompt ends with 130", async () => {
  const ran = await run(["unlock", "--json"], { secrets: [] });
  assert.equal(ran.code, 130);
  assert.equal(JSON.parse(ran.stderr).error.code, "interrupted");
});

Deno.test("lock tells what it did, and locking what is locked is no error", async () => {
  const open = await run(["lock"], { vault: fresh() });
  assert.equal(open.stdout, "Locked.\n");
  assert.equal(open.vault.daemon, "locked");
  assert.deepEqual(json(await run(["lock", "--json"], { vault: fresh() })), { ok: true, was_locked: false });
  assert.deepEqual(json(await run(["lock", "--json"], { vault: fresh({ daemon: "locked" }) })), {
    ok: true,
    was_locked: true,
  });
  const none = await run(["lock"], { vault: fresh({ daemon: "none" }) });
  assert.deepEqual([none.code, none.stdout], [0, "No daemon runs: locked already.\n"]);
});

Deno.test("passwd asks for the old password once and for the new one twice", async () => {
  const ran = await run(["passwd"], { secrets: [PASSWORD, "brand new words", "brand new words"] });
  assert.equal(ran.code, 0, ran.stderr);
  assert.deepEqual(ran.asked, ["Master password: ", "New master password: ", "New master password again: "]);
  assert.equal(ran.vault.password, "brand new words");
});

Deno.test("passwd never takes the old password from the environment as the new one", async () => {
  const ran = await run(["passwd", "--json"], { env: ENV });
  refused(ran, 3, "no_password");
  assert.match(ran.stderr, /--new-password-file/);
  assert.equal(ran.vault.password, PASSWORD);
});

Deno.test("passwd takes a file or standard input, without the end of its line", async () => {
  const bytes = (text: string) => new TextEncoder().encode(text);
  for (const text of ["brand new words", "brand new words\n", "brand new words\r\n"]) {
    const file = await run(["passwd", "--new-password-file", "f"], { env: ENV, files: { f: bytes(text) } });
    assert.equal(file.vault.password, "brand new words");
    const piped = await run(["passwd", "--new-password-file", "-"], { env: ENV, stdin: bytes(text) });
    assert.equal(piped.vault.password, "brand new words");
  }
  const empty = await run(["passwd", "--new-password-file", "-", "--json"], { env: ENV, stdin: bytes("\n") });
  refused(empty, 2, "empty_password");
  const short = await run(["passwd", "--new-password-file", "-", "--json"], {
    env: ENV,
    stdin: bytes("short\n"),
  });
  refused(short, 2, "weak_password");
  assert.equal(short.vault.password, PASSWORD);
});

Deno.test("passwd with a wrong old password changes nothing", async () => {
  const ran = await run(["passwd", "--json"], {
    secrets: ["wrong password", "brand new words", "brand new words"],
  });
  refused(ran, 3, "wrong_password");
  assert.equal(ran.vault.password, PASSWORD);
});

Deno.test("status without a vault ends well and says what to do", async () => {
  const vault = () => fresh({ exists: false, daemon: "none" });
  const ran = await run(["status"], { vault: vault() });
  assert.equal(ran.code, 0);
  assert.match(ran.stdout, /none yet/);
  assert.match(ran.stderr, /wispkey init/);
  assert.deepEqual(json(await run(["status", "--json"], { vault: vault() })), {
    initialized: false,
    vault_path: "/home/me/.wispkey",
    created_at: null,
    credential_count: 0,
    session_active: false,
    locks_at: null,
    active_project: "default",
    proxy_running: false,
    proxy: null,
    proxy_check_error: null,
    policies: null,
    daemon: null,
  });
});

Deno.test("status tells of vault, session and proxy", async () => {
  const vault = fresh();
  const proxy = {
    pid: 4242,
    port: 7700,
    address: "http://127.0.0.1:7700",
    project: null,
    intercept: false,
    askingPorts: [7701],
  };
  const status = vault.status();
  vault.status = () => ({ ...status, proxy });
  const ran = await run(["status"], { vault });
  assert.match(
    ran.stdout,
    /^Session: {6}unlocked until 2026-01-31 13:04:56 UTC if not used \(daemon 4242\)$/m,
  );
  assert.match(
    ran.stdout,
    /^Proxy: {8}http:\/\/127\.0\.0\.1:7700, all projects; programs under 'run' at 7701$/m,
  );
  const printed = json(await run(["status", "--json"], { vault }));
  const { askingPorts, ...rest } = proxy;
  assert.deepEqual(printed.proxy, { ...rest, asking_ports: askingPorts });
  assert.equal(printed.proxy_running, true);
  assert.equal(printed.session_active, true);
  assert.equal(printed.daemon.closed_to_debuggers, true);
  assert.equal(vault.open, 0);
});

Deno.test("status while locked says so and asks for nothing", async () => {
  const ran = await run(["status"], { vault: fresh({ daemon: "locked" }) });
  assert.match(ran.stdout, /locked \(daemon 4242\)/);
  assert.match(ran.stdout, /not running/);
  assert.deepEqual(ran.asked, []);
});

Deno.test("a daemon that does not answer is told by status as a fact", async () => {
  const vault = fresh();
  vault.status = () => {
    throw new FailedError("cannot reach the daemon: it does not answer", { code: "daemon_unresponsive" });
  };
  const ran = await run(["status", "--json"], { vault });
  assert.equal(ran.code, 0);
  assert.match(json(ran).proxy_check_error, /does not answer/);
});

function row(seq: number, changes: Partial<AuditRow> = {}): AuditRow {
  return { seq, at: NOW, event: "CredentialUsed", credential: "openai", authenticated: true, ...changes };
}

const ROWS = [
  row(1, { at: NOW - 3 * 86_400_000, event: "VaultCreated" }),
  row(2, {
    host: "api.openai.com",
    path: "/v1/models",
    method: "GET",
    status: 200,
    tokenFingerprint: "0123456789abcdef",
    bytesOut: 0,
    bytesIn: 12,
    durationMs: 5,
  }),
  row(3, {
    event: "CredentialDenied",
    host: "evil.test",
    path: "/",
    denied: true,
    reason: "host_not_allowed",
  }),
];
delete ROWS[0]?.credential;

Deno.test("log shows the newest first, locked or not", async () => {
  for (const daemon of ["unlocked", "locked", "none"] as const) {
    const ran = await run(["log"], { vault: fresh({ rows: ROWS, daemon }) });
    assert.equal(
      ran.stdout,
      [
        "TIMESTAMP         EVENT             CREDENTIAL  TARGET                        STATUS",
        "2026-01-31 12:34  CredentialDenied  openai      evil.test/                    DENIED: host_not_allowed",
        "2026-01-31 12:34  CredentialUsed    openai      GET api.openai.com/v1/models  200",
        "2026-01-28 12:34  VaultCreated",
        "",
        "3 entries",
        "",
      ].join("\n"),
    );
    assert.deepEqual(ran.asked, []);
    assert.equal(ran.vault.open, 0);
  }
});

Deno.test("log in JSON gives every column, reasons of denials apart from details", async () => {
  const { entries } = json(await run(["log", "--json"], { vault: fresh({ rows: ROWS }) }));
  assert.deepEqual(entries[1], {
    id: 2,
    timestamp: "2026-01-31T12:34:56.000Z",
    event_type: "CredentialUsed",
    credential_name: "openai",
    token_fingerprint: "0123456789abcdef",
    target_host: "api.openai.com",
    target_path: "/v1/models",
    http_method: "GET",
    response_status: 200,
    denied: false,
    deny_reason: null,
    detail: null,
    project_name: null,
    caller: null,
    policy: null,
    request_id: null,
    refers_to: null,
    bytes_out: 0,
    bytes_in: 12,
    duration_ms: 5,
    authenticated: true,
  });
  assert.deepEqual([entries[0].denied, entries[0].deny_reason], [true, "host_not_allowed"]);
});

Deno.test("log passes its filter on", async () => {
  const filter = async (...args: string[]) => {
    const ran = await run(["log", ...args, "--json"], { vault: fresh({ rows: ROWS }) });
    assert.equal(ran.code, 0, ran.stderr);
    return ran.vault.calls.at(-1)?.params;
  };
  assert.deepEqual(await filter(), { last: 50 });
  assert.deepEqual(await filter("--last", "2", "--credential", "k"), { last: 2, credential: "k" });
  assert.deepEqual(await filter("--since", "2026-01-30", "--until", "2026-01-31"), {
    last: 50,
    since: Date.UTC(2026, 0, 30),
    until: Date.UTC(2026, 1, 1),
  });
});

Deno.test("log refuses dates that are none, and counts that are none", async () => {
  refused(await run(["log", "--since", "yesterday", "--json"]), 2, "invalid_date");
  refused(await run(["log", "--until", "2026-02-30", "--json"]), 2, "invalid_date");
  refused(await run(["log", "--last", "0", "--json"]), 2, "invalid_option");
  refused(
    await run(["log", "--json"], { vault: fresh({ exists: false, daemon: "none" }) }),
    4,
    "vault_not_found",
  );
});

Deno.test("log makes what others wrote safe for the terminal", async () => {
  const vault = fresh({ rows: [row(1, { host: "h\u001b]0;x\u0007", path: "/\n" })] });
  const { stdout } = await run(["log"], { vault });
  assert.ok(!/\p{Cc}/u.test(stdout.replaceAll("\n", "")), stdout);
  assert.equal(stdout.trim().split("\n").length, 4);
});

Deno.test("doctor ends with 1 if something is wrong, and gives the command that mends it", async () => {
  const vault = fresh({
    findings: [{ level: "ok", code: "files", message: "the files are private" }],
    verified: [{
      level: "error",
      code: "row",
      message: "credential 'openai' was changed",
      hint: "wispkey remove openai",
    }],
  });
  const ran = await run(["doctor"], { vault });
  assert.equal(ran.code, 1);
  assert.match(
    ran.stdout,
    /^ok {5}the files are private\nerror {2}credential 'openai' was changed\n {9}hint: wispkey/m,
  );
  const machine = await run(["doctor", "--json"], { vault });
  assert.equal(machine.code, 1);
  assert.deepEqual([json(machine).ok, json(machine).findings.length], [false, 2]);
  assert.equal(vault.open, 0);
});

Deno.test("doctor with nothing wrong ends with 0, quietly if so asked", async () => {
  const vault = fresh({ findings: [{ level: "ok", code: "files", message: "the files are private" }] });
  assert.equal((await run(["doctor"], { vault })).code, 0);
  const quiet = await run(["doctor", "-q"], { vault });
  assert.deepEqual([quiet.code, quiet.stdout], [0, ""]);
});

Deno.test("doctor on a locked vault looks at what it can, and opens it if the environment has the password", async () => {
  const locked = await run(["doctor", "--json"], { vault: fresh({ daemon: "locked" }) });
  assert.equal(locked.code, 0);
  assert.equal(json(locked).findings[0].code, "rows_not_verified");
  const opened = await run(["doctor", "--json"], { vault: fresh({ daemon: "locked" }), env: ENV });
  assert.deepEqual(json(opened).findings, []);
  assert.ok(opened.vault.calls.some(({ name }) => name === "vault.verify"));
  const wrong = await run(["doctor", "--json"], {
    vault: fresh({ daemon: "none" }),
    env: { WISPKEY_PASSWORD: "wrong password" },
  });
  assert.equal(wrong.code, 1);
  assert.equal(json(wrong).findings[0].code, "wrong_password");
});
