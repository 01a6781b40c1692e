import assert from "node:assert/strict";
import { Api, gone, Home, through } from "./harness.ts";

/** Rounds; `deno task soak` asks for more. */
const ROUNDS = Math.ceil(Number(Deno.env.get("WISPKEY_CRASH_ROUNDS") ?? "12") / 4);

/** Uses a token as fast as answers come, until told to end. */
async function useUntil(signal: AbortSignal, proxy: string, target: string, token: string): Promise<void> {
  while (!signal.aborted) {
    const answer = await through(proxy, target, { Authorization: `Bearer ${token}` });
    await answer.body?.cancel();
    assert.equal(answer.status, 200);
  }
}

/** Copies the vault's files as they are at one moment, as a power cut would leave them. */
async function snapshot(home: Home, pid: number, to: string): Promise<void> {
  Deno.kill(pid, "SIGSTOP");
  try {
    await Deno.mkdir(to, { mode: 0o700 });
    for (const name of ["vault.db", "vault.db-wal", "audit.journal"]) {
      const bytes = await Deno.readFile(`${home.vault}/${name}`);
      await Deno.writeFile(`${to}/${name}`, bytes, { mode: 0o600 });
    }
  } finally {
    Deno.kill(pid, "SIGCONT");
  }
}

async function verdictOf(home: Home, directory: string): Promise<{ code: number; text: string }> {
  const ran = await home.run(["log", "verify", "--json"], { env: { WISPKEY_VAULT_PATH: directory } });
  return { code: ran.code, text: ran.stdout + ran.stderr };
}

Deno.test({
  name:
    "copies of the files at random moments, whole or with the end of the write-ahead file lost, are true logs",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using home = await Home.withVault();
    await using api = new Api();
    const { credential } = await home.json(
      "add",
      "k",
      "--value",
      "secret-of-k-0123456789",
      "--hosts",
      api.host,
    );
    const { address, pid } = await home.json("serve", "--random-port", "--daemon");
    const stop = new AbortController();
    const uses = useUntil(stop.signal, address, `http://${api.host}/`, credential.wisp_token);
    try {
      for (let round = 0; round < ROUNDS; round++) {
        await new Promise((resolve) => setTimeout(resolve, 50 + Math.random() * 300));
        const copy = `${home.directory}/copy-${round}`;
        await snapshot(home, pid, copy);
        const cut = `${home.directory}/cut-${round}`;
        await Deno.mkdir(cut, { mode: 0o700 });
        for (const name of ["vault.db", "vault.db-wal", "audit.journal"]) {
          await Deno.copyFile(`${copy}/${name}`, `${cut}/${name}`);
        }
        const { size } = await Deno.stat(`${cut}/vault.db-wal`);
        // What was synced stays: the beginning of the file, with the vault's making and unlocking in it.
        await Deno.truncate(
          `${cut}/vault.db-wal`,
          size - Math.floor(Math.random() * Math.min(size / 4, 20_000)),
        );
        for (const directory of [copy, cut]) {
          const { code, text } = await verdictOf(home, directory);
          assert.equal(code, 0, `${directory}: ${text}`);
        }
      }
    } finally {
      stop.abort();
      await uses;
    }
    await home.ok("stop");
    await gone(pid);
    const verdict = await verdictOf(home, home.vault);
    assert.equal(verdict.code, 0, verdict.text);
  },
});
