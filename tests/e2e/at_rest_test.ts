import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { Api, Home, through } from "./harness.ts";

const SECRET = "sk-at-rest-0123456789-abcdefghij";

/** Every spelling in which a value could lie in a file. */
function spellings(bytes: Uint8Array): [string, Uint8Array][] {
  const buffer = Buffer.from(bytes);
  const found: [string, Uint8Array][] = [["raw", buffer], ["hex", Buffer.from(buffer.toString("hex"))], [
    "HEX",
    Buffer.from(buffer.toString("hex").toUpperCase()),
  ]];
  // Base64 of a longer text that holds the value at each of the three alignments.
  for (let pad = 0; pad < 3; pad++) {
    const text = Buffer.concat([Buffer.alloc(pad), buffer]).toString("base64");
    const inner = text.slice(pad === 0 ? 0 : 4, -4);
    found.push([`base64+${pad}`, Buffer.from(inner)]);
    found.push([`base64url+${pad}`, Buffer.from(inner.replaceAll("+", "-").replaceAll("/", "_"))]);
  }
  return found;
}

async function filesBelow(directory: string): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>();
  for await (const entry of Deno.readDir(directory)) {
    const path = `${directory}/${entry.name}`;
    if (entry.isDirectory) { for (const [name, bytes] of await filesBelow(path)) files.set(name, bytes); }
    else if (entry.isFile) files.set(path, Buffer.from(await Deno.readFile(path)));
  }
  return files;
}

function assertAbsent(files: Map<string, Buffer>, what: string, bytes: Uint8Array): void {
  for (const [spelling, pattern] of spellings(bytes)) {
    for (const [path, content] of files) {
      assert.equal(content.indexOf(pattern), -1, `${what} lies in ${path}, ${spelling}`);
    }
  }
}

Deno.test("the search for secrets on disk finds one that is there", async () => {
  const directory = await Deno.makeTempDir({ prefix: "wk-e2e-" });
  const bytes = new TextEncoder().encode(SECRET);
  await Deno.writeTextFile(`${directory}/note`, Buffer.from(`xy${SECRET}`).toString("base64"));
  const files = await filesBelow(directory);
  assert.throws(() => assertAbsent(files, "the secret", bytes), /base64/);
  await Deno.remove(directory, { recursive: true });
});

Deno.test("after use and after lock, no file, environment or argument list holds the secret, the password or the key", async () => {
  await using home = await Home.withVault("a master password to look for");
  await using api = new Api();
  const { credential } = await home.json("add", "k", "--value", SECRET, "--hosts", api.host);
  const { address, pid } = await home.json("serve", "--random-port", "--daemon");
  const answer = await through(address, `http://${api.host}/`, {
    Authorization: `Bearer ${credential.wisp_token}`,
  });
  await answer.body?.cancel();
  assert.equal(api.last?.headers.authorization, `Bearer ${SECRET}`);

  const key = await exportDataKey(home);
  for (const moment of ["while open", "after lock"]) {
    if (moment === "after lock") await home.ok("lock");
    const files = await filesBelow(home.directory);
    assert.ok([...files.keys()].some((path) => path.endsWith("vault.db")));
    assertAbsent(files, `the secret ${moment}`, new TextEncoder().encode(SECRET));
    assertAbsent(files, `the password ${moment}`, new TextEncoder().encode(home.password));
    assertAbsent(files, `the data key ${moment}`, key);
    for (const what of ["environ", "cmdline"]) {
      const read = await readOfProcess(pid, what);
      if (read === undefined) continue;
      const processFile = new Map([[`/proc/${pid}/${what}`, read]]);
      assertAbsent(processFile, "the secret", new TextEncoder().encode(SECRET));
      assertAbsent(processFile, "the password", new TextEncoder().encode(home.password));
      assertAbsent(processFile, "the data key", key);
    }
  }
});

Deno.test("every file of the vault directory is the owner's alone", async () => {
  await using home = await Home.withVault();
  await using api = new Api();
  await home.ok("add", "k", "--value", SECRET, "--hosts", api.host);
  await home.json("serve", "--random-port", "--daemon");
  assert.equal((await Deno.stat(home.vault)).mode! & 0o777, 0o700);
  let looked = 0;
  for await (const entry of Deno.readDir(home.vault)) {
    const { mode } = await Deno.lstat(`${home.vault}/${entry.name}`);
    assert.equal(mode! & 0o077, 0, `${entry.name} is open to others: ${(mode! & 0o777).toString(8)}`);
    looked++;
  }
  assert.ok(looked >= 3);
});

/** The key that decrypts the vault, got the honest way: with the password. */
async function exportDataKey(home: Home): Promise<Uint8Array> {
  const { Vault } = await import("../../src/vault/mod.ts");
  const vault = await Vault.open(home.vault, new TextEncoder().encode(home.password));
  try {
    return vault.exportDataKey();
  } finally {
    vault.close();
  }
}

/** A file of /proc, or undefined where the process is closed to us, which is the aim. */
async function readOfProcess(pid: number, name: string): Promise<Buffer | undefined> {
  try {
    return Buffer.from(await Deno.readFile(`/proc/${pid}/${name}`));
  } catch (error) {
    if (error instanceof Deno.errors.PermissionDenied || error instanceof Deno.errors.NotFound) {
      return undefined;
    }
    throw error;
  }
}
