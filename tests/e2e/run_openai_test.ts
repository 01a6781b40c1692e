/**
 * The main promise: an unmodified program with an unmodified SDK, an https host, the real key at the server and nowhere in
 * the program.
 */

import assert from "node:assert/strict";
import { homeTrustingTestAuthority, HttpsApi } from "./https_api.ts";
import { programVersion } from "./programs.ts";

const SECRET = "sk-proj-the-real-key-of-the-openai-test-4711";
/** Node's own way to a proxy by environment variables came with this version. */
const FIRST_WITH_PROXY = 24;

const machineNode = await programVersion("node", "--version");
const proxyNode = await nodeWithProxy(Deno.env.get("WISPKEY_TEST_NODE"), "node");
if (proxyNode === null) {
  console.log(`no Node of version ${FIRST_WITH_PROXY} or later: WISPKEY_TEST_NODE may name one`);
}

async function nodeWithProxy(...candidates: (string | undefined)[]): Promise<string | null> {
  for (const path of candidates) {
    const version = path === undefined ? null : await programVersion(path, "--version");
    if (Number(version?.replace(/^v(\d+).*/s, "$1")) >= FIRST_WITH_PROXY) return path ?? null;
  }
  return null;
}

/** Asks a question, then looks for what it must not have: in its environment, its arguments and all of its memory. */
function script(openai: string, client: string): string {
  return `
import OpenAI from ${JSON.stringify(openai)};
import { closeSync, openSync, readFileSync, readSync } from "node:fs";
const client = ${client};
const answer = await client.chat.completions.create({ model: "m", messages: [{ role: "user", content: "hi" }] });
// The needle is kept masked, so that it is not found where it is looked for.
const masked = (hex) => Uint8Array.from(Buffer.from(hex, "hex"));
const found = (bytes, needle) => {
  const first = needle[0] ^ 0x5a;
  for (let at = bytes.indexOf(first); at >= 0; at = bytes.indexOf(first, at + 1)) {
    let i = 1;
    while (i < needle.length && bytes[at + i] === (needle[i] ^ 0x5a)) i++;
    if (i === needle.length) return true;
  }
  return false;
};
const needles = process.argv.slice(2).map(masked);
const inMemory = needles.map(() => false);
const memory = openSync("/proc/self/mem", "r");
for (const line of readFileSync("/proc/self/maps", "latin1").split("\\n")) {
  const match = /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(line);
  if (match === null) continue;
  const begin = Number.parseInt(match[1], 16), size = Number.parseInt(match[2], 16) - begin;
  if (size > 512 * 1024 * 1024) continue;
  const bytes = Buffer.allocUnsafeSlow(size);
  let length = 0;
  try { length = readSync(memory, bytes, 0, size, begin); } catch { continue; }
  needles.forEach((needle, i) => { inMemory[i] ||= found(bytes.subarray(0, length), needle); });
}
closeSync(memory);
const elsewhere = [Buffer.from(JSON.stringify(process.env)), readFileSync("/proc/self/environ"), readFileSync("/proc/self/cmdline")];
console.log(JSON.stringify({
  content: answer.choices[0].message.content,
  inMemory,
  elsewhere: needles.map((needle) => elsewhere.some((bytes) => found(bytes, needle))),
  password: "WISPKEY_PASSWORD" in process.env,
}));
`;
}

function mask(text: string): string {
  return new TextEncoder().encode(text).map((byte) => byte ^ 0x5a).toHex();
}

async function ask(node: string, options: string[], client: (base: string) => string): Promise<void> {
  await using home = await homeTrustingTestAuthority();
  await using api = new HttpsApi((request) =>
    // A host that says the key back: what it sends must not bring it to the program either.
    Response.json({
      id: "1",
      object: "chat.completion",
      created: 0,
      model: "m",
      choices: [{
        index: 0,
        finish_reason: "stop",
        message: { role: "assistant", content: `you sent ${request.headers.get("authorization")}` },
      }],
    })
  );
  const added = await home.json("add", "openai", "--value", SECRET, "--hosts", api.host);
  const token = added.credential.wisp_token;
  const base = `https://${api.host}/v1`;
  await Deno.writeTextFile(`${home.directory}/.env`, `OPENAI_API_KEY=${token}\nOPENAI_BASE_URL="${base}"\n`);
  await Deno.writeTextFile(
    `${home.directory}/script.mjs`,
    script(import.meta.resolve("openai"), client(base)),
  );
  const ran = await home.run([
    ...["run", "--env-file", ".env", ...options, "--"],
    ...[node, "script.mjs", mask(SECRET), mask(token)],
  ]);
  assert.equal(ran.code, 0, ran.stderr);
  const said = JSON.parse(ran.stdout);
  assert.equal(api.seen.length, 1);
  assert.equal(api.seen[0]?.url, "/v1/chat/completions");
  assert.equal(api.seen[0]?.headers["authorization"], `Bearer ${SECRET}`, "the real key is at the server");
  assert.equal(api.seen[0]?.headers["proxy-authorization"], undefined);
  assert.equal(said.content, `you sent Bearer ${token}`);
  assert.deepEqual(said.elsewhere, [false, true], "environment and arguments hold the token, not the key");
  assert.deepEqual(said.inMemory, [false, true], "memory holds the token, not the key");
  assert.equal(said.password, false);
  assert.ok(!`${ran.stdout}${ran.stderr}`.includes(SECRET));
  const log = await home.json("log", "--last", "200");
  const used = log.entries.find((row: { event_type: string }) => row.event_type === "CredentialUsed");
  assert.match(JSON.stringify(used), /run-[a-z]+-\d+/, "the log names the caller");
}

Deno.test({
  name: "the openai package in the machine's Node sends the real key through the base URL and never has it",
  ignore: machineNode === null || Deno.build.os !== "linux",
  fn: () => ask("node", [], () => "new OpenAI()"),
});

Deno.test({
  name:
    "the openai package in Node 24 or later sends the real key through the proxy variables and never has it",
  ignore: proxyNode === null || Deno.build.os !== "linux",
  fn: () =>
    ask(
      proxyNode ?? "",
      ["--no-base-urls"],
      (base) => `new OpenAI({ baseURL: ${JSON.stringify(base)} })`,
    ),
});
