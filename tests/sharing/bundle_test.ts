import assert from "node:assert/strict";
import fc from "fast-check";
import { utf8 } from "../../src/core/bytes.ts";
import { CREDENTIAL_TYPES, type CredentialType, type Place } from "../../src/core/credential.ts";
import { CHUNK_LENGTH } from "../../src/sharing/stream.ts";
import { credential, faultOf, lock, opener, PASSPHRASE, read, write } from "./support.ts";

const PLACES: Readonly<Record<CredentialType, Place | null>> = {
  bearer_token: null,
  api_key: { in: "body_json", pointer: "/auth/token" },
  basic_auth: { in: "basic", part: "user" },
  custom_header: { in: "header", name: "X-Api-Key" },
  query_param: { in: "query", name: "key" },
};

Deno.test("every type with its place comes back as it was, with value, hosts and tags", async () => {
  const all = CREDENTIAL_TYPES.map((type) =>
    credential(type, {
      type,
      place: PLACES[type],
      partition: type === "api_key" ? "work" : "personal",
      hosts: ["api.example.com/v1/**", "http://127.0.0.1:8080", "*", "*.workers.dev"],
      tags: ["prod, eu", "\u{1f511}"],
      description: "line one\nline two \u001b[31m",
    })
  );
  const back = await read(await write(all), opener(), 7);
  assert.equal(back.version, 2);
  assert.deepEqual(back.credentials, all);
  assert.deepEqual(back.manifest.partitions.map(({ name }) => name), ["personal", "work"]);
  assert.deepEqual(back.manifest.project, { name: "acme", description: "a client" });
});

Deno.test("values come back byte for byte, whatever they are and wherever chunks end", async () => {
  const lengths = [0, 1, CHUNK_LENGTH - 1, CHUNK_LENGTH, CHUNK_LENGTH + 1, 3 * CHUNK_LENGTH, 1024 * 1024];
  const all = lengths.map((length, i) => {
    const value = new Uint8Array(length);
    for (let at = 0; at < length; at += 65_536) crypto.getRandomValues(value.subarray(at, at + 65_536));
    return credential(`k${i}`, { value });
  });
  all.push(credential("multi", { value: utf8("-----BEGIN-----\r\nabc\n-----END-----\n") }));
  all.push(credential("unicode", { value: utf8("пароль \u{1f511}\u0000\ufeff") }));
  all.push(credential("invalid", { value: new Uint8Array([0xff, 0xfe, 0, 0x80]) }));
  const { credentials } = await read(await write(all));
  assert.deepEqual(credentials.map(({ value }) => value.toHex()), all.map(({ value }) => value.toHex()));
});

Deno.test("a bundle whose content ends exactly with a chunk is whole", async () => {
  // The length of the value is chosen so that all records together fill one chunk, then two.
  const empty = credential("k", { value: new Uint8Array(0) });
  const overhead = (await write([empty])).length;
  for (const chunks of [1, 2]) {
    const header = 8 + 26 + 32 + 16;
    const value = new Uint8Array(chunks * CHUNK_LENGTH - (overhead - header)).fill(7);
    const bytes = await write([{ ...empty, value }]);
    assert.equal((bytes.length - 8 - 26 - 32) % (CHUNK_LENGTH + 16), 0);
    const { credentials } = await read(bytes);
    assert.equal(credentials[0]?.value.length, value.length);
    assert.equal(await faultOf(bytes.subarray(0, bytes.length - CHUNK_LENGTH - 16)), "bundle_damaged");
  }
});

Deno.test("any credentials make the round trip", async () => {
  const name = fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 })
    .map((text) =>
      text.normalize("NFC").replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\ufeff]/gu, "x").trim()
    )
    .filter((text) =>
      text !== "" && !text.startsWith("-") && text.isWellFormed() && text === text.normalize("NFC")
    );
  const any = fc.uniqueArray(
    fc.record({
      name,
      value: fc.uint8Array({ maxLength: 300 }),
      description: fc.string({ unit: "grapheme" }),
    }),
    { selector: (each) => each.name, maxLength: 5 },
  );
  await fc.assert(
    fc.asyncProperty(any, fc.integer({ min: 1, max: 5000 }), async (list, piece) => {
      const all = list.map((each) =>
        credential(each.name, { value: new Uint8Array(each.value), description: each.description, hosts: [] })
      );
      const back = await read(await write(all), opener(), piece);
      assert.deepEqual(back.credentials, all);
    }),
    { numRuns: 15 },
  );
});

Deno.test("the passphrase is the whole of what opens it", async () => {
  const bytes = await write([credential("k")]);
  for (const wrong of [`${PASSPHRASE} `, PASSPHRASE.slice(1), PASSPHRASE.toUpperCase(), ""]) {
    assert.equal(await faultOf(bytes, opener(wrong)), "bundle_wrong_key");
  }
  assert.equal((await read(bytes)).credentials.length, 1);
});

Deno.test("two bundles of the same content share nothing but their first bytes", async () => {
  const [a, b] = [await write([credential("k")]), await write([credential("k")])];
  assert.equal(a.length, b.length);
  assert.notDeepEqual(a.subarray(18, 34), b.subarray(18, 34), "each has its own salt");
  assert.notDeepEqual(a.subarray(66), b.subarray(66));
});

Deno.test("nothing of a secret, name or host can be read in the file", async () => {
  const bytes = await write([credential("openai-prod", { value: utf8("sk-very-secret") })]);
  const text = new TextDecoder("latin1").decode(bytes);
  for (const word of ["sk-very", "openai", "example", "acme", "personal", PASSPHRASE]) {
    assert.ok(!text.includes(word), word);
  }
});

Deno.test("a short passphrase is refused for a new bundle, in characters and not in bytes", async () => {
  await assert.rejects(write([], { lock: lock("elevenchars") }), { code: "weak_passphrase", exitCode: 2 });
  await assert.rejects(write([], { lock: lock("\u{1f511}\u{1f511}\u{1f511}") }), { code: "weak_passphrase" });
  assert.equal(
    (await read(await write([], { lock: lock("\u{1f511}".repeat(12)) }), opener("\u{1f511}".repeat(12))))
      .version,
    2,
  );
});

Deno.test("values are wiped once they are written", async () => {
  const one = credential("k");
  const { writeBundle } = await import("../../src/sharing/write.ts");
  const { manifestFor } = await import("./support.ts");
  const sink = { write: () => Promise.resolve() };
  await writeBundle(sink, lock(), manifestFor([one]), [one]);
  assert.deepEqual(one.value, new Uint8Array(one.value.length));
});
