import assert from "node:assert/strict";
import { generateIdentity, identityToRecipient } from "age-encryption";
import { concat, utf8 } from "../../src/core/bytes.ts";
import { MAX_VALUE_LENGTH } from "../../src/core/credential.ts";
import { credentialToJson, manifestToJson } from "../../src/sharing/content.ts";
import { encodeHeader } from "../../src/sharing/header.ts";
import { BundleKeys } from "../../src/sharing/keys.ts";
import { encodeRecordHead } from "../../src/sharing/records.ts";
import { lockBundle } from "../../src/sharing/secrets.ts";
import { ChunkSealer } from "../../src/sharing/stream.ts";
import {
  credential,
  faultOf,
  lock,
  manifestFor,
  opener,
  PASSPHRASE,
  read,
  readable,
  write,
} from "./support.ts";
import { openBundle } from "../../src/sharing/read.ts";

const KNOWN = new Set([
  "bundle_unknown",
  "bundle_newer",
  "bundle_kdf_parameters",
  "bundle_wrong_key",
  "bundle_damaged",
  "bundle_too_large",
  "bundle_invalid",
]);

async function flipEach(
  bytes: Uint8Array,
  positions: Iterable<number>,
  from = opener(),
): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  for (const at of positions) {
    const changed = bytes.slice();
    changed[at]! ^= 1 << (at % 8);
    const fault = await faultOf(changed, from);
    assert.ok(KNOWN.has(fault), `byte ${at}: ${fault}`);
    found.set(fault, (found.get(fault) ?? 0) + 1);
  }
  return found;
}

Deno.test("one flipped bit in any byte of a small bundle is noticed", async () => {
  const bytes = await write([credential("k")]);
  // Each derives a key; the content, whose bytes are all alike, is sampled unless the full size is asked for.
  const full = Deno.env.get("WISPKEY_FUZZ_CASES") !== undefined;
  const positions = [...bytes.keys()].filter((at) => full || at < 66 || at % 16 === 0);
  const found = await flipEach(bytes, positions);
  assert.ok((found.get("bundle_damaged") ?? 0) > 20, "content");
  assert.ok((found.get("bundle_wrong_key") ?? 0) >= 48, "salt and MAC");
});

Deno.test("one flipped bit in any byte of a small bundle for an age key is noticed", async () => {
  const identity = await generateIdentity();
  const recipient = await identityToRecipient(identity);
  const bytes = await write([credential("k")], { lock: { recipients: [recipient] } });
  const from = opener(PASSPHRASE, [identity]);
  assert.equal((await read(bytes, from)).credentials.length, 1);
  const found = await flipEach(bytes, bytes.keys(), from);
  assert.ok((found.get("bundle_damaged") ?? 0) > 300, "content");
});

Deno.test("a bundle cut off anywhere is refused, and one with more behind it", async () => {
  const bytes = await write([credential("k", { value: new Uint8Array(70_000) })]);
  const lengths = [...Array(80).keys(), 65_536, 65_602, 65_618, bytes.length - 17, bytes.length - 1];
  for (const length of lengths) {
    const fault = await faultOf(bytes.subarray(0, length));
    assert.ok(KNOWN.has(fault), `${length}: ${fault}`);
    assert.equal(fault === "bundle_unknown", length < 5, `${length}: ${fault}`);
  }
  assert.equal(await faultOf(concat(bytes, Uint8Array.of(0))), "bundle_damaged");
  assert.equal(await faultOf(concat(bytes, bytes)), "bundle_damaged");
});

Deno.test("chunks that were left out, repeated or exchanged are noticed", async () => {
  const value = crypto.getRandomValues(new Uint8Array(60_000));
  const bytes = await write(Array.from({ length: 5 }, (_, i) => credential(`k${i}`, { value })));
  const head = bytes.subarray(0, 66);
  const chunks: Uint8Array[] = [];
  for (let at = 66; at < bytes.length; at += 65_552) chunks.push(bytes.subarray(at, at + 65_552));
  const [a, b, c, ...rest] = chunks as [Uint8Array, Uint8Array, Uint8Array, ...Uint8Array[]];
  assert.equal((await read(concat(head, a, b, c, ...rest))).credentials.length, 5);
  for (
    const order of [
      [b, a, c, ...rest],
      [a, c, ...rest],
      [a, a, b, c, ...rest],
      [a, b, b, c, ...rest],
      [a, b],
      [a, b, c],
    ]
  ) {
    assert.equal(await faultOf(concat(head, ...order)), "bundle_damaged");
  }
  // A header of another bundle with the same passphrase.
  const other = await write([credential("k")]);
  assert.equal(await faultOf(concat(other.subarray(0, 66), a, b, c, ...rest)), "bundle_damaged");
});

Deno.test("what is no bundle, and what is newer, is said so before a passphrase is asked for", async () => {
  const asked = { passphrase: () => assert.fail("asked"), identities: () => assert.fail("asked") };
  for (
    const text of [
      "",
      "W",
      "WKBX",
      "SQLite format 3\0",
      "WKB",
      "age-encryption.org/v1",
      "{}",
      "WKZZ\u0002aaaaaaaaaaa",
    ]
  ) {
    assert.equal(await faultOf(utf8(text), asked), "bundle_unknown", text);
  }
  for (const version of [3, 9, 255]) {
    assert.equal(
      await faultOf(concat(utf8("WKPJ"), Uint8Array.of(version), new Uint8Array(99)), asked),
      "bundle_newer",
    );
  }
  assert.equal(
    await faultOf(concat(utf8("WKPJ"), Uint8Array.of(0), new Uint8Array(99)), asked),
    "bundle_unknown",
  );
});

Deno.test("a hostile key derivation is refused before it costs anything", async () => {
  const bytes = await write([credential("k")]);
  const asked = { passphrase: () => assert.fail("asked"), identities: () => assert.fail("asked") };
  const view = (edit: (view: DataView) => void) => {
    const changed = bytes.slice();
    edit(new DataView(changed.buffer));
    return changed;
  };
  const kdfAt = 8;
  for (
    const changed of [
      view((v) => v.setUint32(kdfAt + 1, 0xffffffff)), // 4 TiB: a memory bomb
      view((v) => v.setUint32(kdfAt + 1, 262_145)),
      view((v) => v.setUint32(kdfAt + 1, 19_455)),
      view((v) => v.setUint32(kdfAt + 1, 0)),
      view((v) => v.setUint32(kdfAt + 5, 11)),
      view((v) => v.setUint32(kdfAt + 5, 0xffffffff)), // a time bomb
      view((v) => v.setUint32(kdfAt + 5, 1)),
      view((v) => v.setUint8(kdfAt + 9, 0)),
      view((v) => v.setUint8(kdfAt + 9, 17)),
    ]
  ) assert.equal(await faultOf(changed, asked), "bundle_kdf_parameters");
  assert.equal(await faultOf(view((v) => v.setUint8(kdfAt, 2)), asked), "bundle_newer");
  assert.equal(await faultOf(view((v) => v.setUint8(5, 3)), asked), "bundle_newer");
  assert.equal(await faultOf(view((v) => v.setUint16(6, 25)), asked), "bundle_damaged");
  assert.equal(await faultOf(view((v) => v.setUint16(6, 0xffff)), asked), "bundle_damaged");
});

// Derived once: forging is not what is tested.
let forged: ReturnType<typeof lockBundle> | undefined;

/** Seals any records under the usual passphrase, as a hostile writer who knows it would. */
async function forge(records: readonly (readonly [json: unknown, value: Uint8Array] | Uint8Array)[]) {
  const { secret, key } = await (forged ??= lockBundle(lock()));
  const keys = new BundleKeys(secret);
  const header = encodeHeader("project", key);
  const mac = keys.headerMac(header);
  const chunks = [header, mac] as Uint8Array[];
  const sealer = new ChunkSealer(keys.content, mac, (bytes) => {
    chunks.push(bytes.slice());
    return Promise.resolve();
  });
  for (const record of records) {
    if (record instanceof Uint8Array) await sealer.push(record);
    else {
      await sealer.push(encodeRecordHead(record[0], record[1].length));
      await sealer.push(record[1]);
    }
  }
  await sealer.end();
  return concat(...chunks);
}

const NONE = new Uint8Array(0);
const good = credentialToJson(credential("k")) as Record<string, unknown>;
const manifest = (count: number) =>
  manifestToJson({ ...manifestFor([]), credentials: count }) as Record<string, unknown>;
const bundleWith = (changes: Record<string, unknown>) =>
  forge([[manifest(1), NONE], [{ ...good, ...changes }, utf8("v")]]);

Deno.test("forging works at all", async () => {
  assert.equal((await read(await bundleWith({}))).credentials.length, 1);
});

Deno.test("credentials that are not allowed are refused, though they are authentic", async () => {
  for (
    const changes of [
      { name: "" },
      { name: "../../etc/passwd\n" },
      { name: "\u001b[2J" },
      { name: "\u202egnp.exe" },
      { name: "-rf" },
      { name: "x".repeat(129) },
      { name: 7 },
      { type: "everything" },
      { type: "__proto__" },
      { type: "custom_header" },
      { type: "bearer_token", place: "body" },
      { place: "header:Host" },
      { place: { in: "body" } },
      { hosts: ["https://user@evil.test"] },
      { hosts: ["!api.openai.com"] },
      { hosts: "api.openai.com" },
      { hosts: [7] },
      { hosts: Array(5000).fill("a.example") },
      { tags: [null] },
      { partition: "other" },
      { description: "x".repeat(5_000) },
      { hosts_confirmed: true },
      { token: "wk_planted_aaaaaaaaaaaaaaaa" },
      { id: "11111111-1111-4111-8111-111111111111" },
      JSON.parse('{"__proto__": 1}'),
    ]
  ) {
    assert.equal(await faultOf(await bundleWith(changes)), "bundle_invalid", JSON.stringify(changes));
  }
});

Deno.test("a name that looks like a path is a name and no more", async () => {
  const back = await read(await bundleWith({ name: "../../etc/passwd" }));
  assert.equal(back.credentials[0]?.name, "../../etc/passwd");
});

Deno.test("a manifest that lies is refused", async () => {
  const value = utf8("v");
  for (
    const records of [
      [],
      [[manifest(0), value]],
      [[manifest(2), NONE], [good, value]],
      [[manifest(0), NONE], [good, value]],
      [[manifest(1), NONE], [good, value], [good, value]],
      [[manifest(2), NONE], [good, value], [good, value]],
      [[{ ...manifest(1), kind: "credential" }, NONE], [good, value]],
      [[{ ...manifest(1), format: "other" }, NONE], [good, value]],
      [[{ ...manifest(1), extra: 1 }, NONE], [good, value]],
      [[{ ...manifest(1), partitions: [] }, NONE], [good, value]],
      [[{
        ...manifest(1),
        partitions: [{ name: "personal", description: "" }, { name: "personal", description: "" }],
      }, NONE], [good, value]],
      [[{ ...manifest(1), project: { name: "a\nb", description: "" } }, NONE], [good, value]],
      [[{ ...manifest(1), credentials: -1 }, NONE]],
      [[{ ...manifest(1), credentials: 1e300 }, NONE]],
      [[[], NONE]],
      [[null, NONE]],
      [utf8("\u0000\u0000\u0000\u0002\u0000\u0000\u0000\u0000{]")],
      [utf8("\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000")],
      [[manifest(1), NONE], utf8("\u0000\u0000\u0001")],
    ] as Parameters<typeof forge>[0][]
  ) {
    assert.equal(await faultOf(await forge(records)), "bundle_invalid", JSON.stringify(records));
  }
  assert.equal(await faultOf(await forge([[manifest(100_001), NONE]])), "bundle_too_large");
});

Deno.test("lengths that promise gigabytes are refused before anything is reserved for them", async () => {
  const before = Deno.memoryUsage().rss;
  const head = (json: number, value: number) => {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setUint32(0, json);
    new DataView(bytes.buffer).setUint32(4, value);
    return bytes;
  };
  assert.equal(await faultOf(await forge([[manifest(1), NONE], head(0xffffffff, 0)])), "bundle_too_large");
  assert.equal(await faultOf(await forge([[manifest(1), NONE], head(2, 0xffffffff)])), "bundle_too_large");
  assert.equal(
    await faultOf(await forge([[manifest(1), NONE], head(2, MAX_VALUE_LENGTH)])),
    "bundle_invalid",
  );
  const beyond = await forge([[manifest(1), NONE], head(2, MAX_VALUE_LENGTH + 1)]);
  assert.equal(await faultOf(beyond), "bundle_too_large");
  assert.ok(Deno.memoryUsage().rss - before < 200 * 1024 * 1024);
});

Deno.test("a file without end is given up at the limit", async () => {
  const bytes = await write([credential("k", { value: new Uint8Array(200_000) })]);
  let given = 0;
  const endless = {
    read: (buffer: Uint8Array) => {
      const piece = given < bytes.length ? bytes.subarray(given, given + buffer.length) : buffer.fill(1);
      buffer.set(piece);
      given += piece.length;
      return Promise.resolve(piece.length);
    },
  };
  const reading = openBundle(endless, opener()).then(async (bundle) => {
    for await (const _ of bundle.credentials());
  });
  await assert.rejects(reading, { code: "bundle_damaged" });
  assert.ok(given < 1024 * 1024, "it stops at the first chunk that does not open");
  const v1 = concat(utf8("WKBX"), Uint8Array.of(1));
  let total = 0;
  const endlessV1 = {
    read: (buffer: Uint8Array) => {
      if (total === 0) buffer.set(v1.subarray(0, buffer.length));
      total += buffer.length;
      return Promise.resolve(buffer.length);
    },
  };
  await assert.rejects(openBundle(endlessV1, opener()), { code: "bundle_too_large" });
  assert.ok(total < 65 * 1024 * 1024);
});

Deno.test("the passphrase that opens a bundle is the only one: no file opens under two", async () => {
  // AES-GCM alone would allow it; the header's MAC is under a key of the same secret.
  const bytes = await write([credential("k")]);
  const { secret } = await lockBundle({ passphrase: utf8("another good passphrase") });
  const mac = new BundleKeys(secret).headerMac(bytes.subarray(0, 34));
  const changed = bytes.slice();
  changed.set(mac, 34);
  assert.equal(await faultOf(changed, opener(PASSPHRASE)), "bundle_wrong_key");
  assert.ok(readable(bytes));
});
