/**
 * The published figures in `tests/vectors/`, and a second reader written from `docs/bundle-format.md` alone, with another
 * implementation of Argon2id: neither may agree with the program by sharing its mistakes.
 */

import assert from "node:assert/strict";
import { createDecipheriv, createHash, createHmac, hkdfSync } from "node:crypto";
import { argon2id } from "hash-wasm";
import { concat, utf8 } from "../../src/core/bytes.ts";
import { manifestToJson } from "../../src/sharing/content.ts";
import { writeBundle } from "../../src/sharing/write.ts";
import { copies, credential, faultOf, manifestFor, opener, read } from "./support.ts";

const FILE = new URL("../vectors/bundle_v2.json", import.meta.url);

interface Vector {
  description: string;
  passphrase: string;
  secret: string;
  header_key: string;
  content_key: string;
  sha256: string;
  bundle: string;
  manifest: Record<string, unknown>;
  credentials: { json: Record<string, unknown>; value: string }[];
}

const VECTORS: { vectors: Vector[]; refused: { description: string; bundle: string; fault: string }[] } = JSON
  .parse(
    await Deno.readTextFile(FILE),
  );

/** Reads as docs/bundle-format.md says. */
async function readByTheBook(bundle: Uint8Array, passphrase: string) {
  const view = new DataView(bundle.buffer, bundle.byteOffset);
  const magic = new TextDecoder().decode(bundle.subarray(0, 4));
  assert.ok(["WKPJ", "WKBX", "WKCR"].includes(magic) && bundle[4] === 2 && bundle[5] === 1);
  const sectionEnd = 8 + view.getUint16(6);
  assert.equal(bundle[8], 1);
  const secret = await argon2id({
    password: passphrase,
    salt: bundle.subarray(18, 34),
    memorySize: view.getUint32(9),
    iterations: view.getUint32(13),
    parallelism: view.getUint8(17),
    hashLength: 32,
    outputType: "binary",
  });
  const key = (label: string) => new Uint8Array(hkdfSync("sha256", secret, "", label, 32));
  const headerKey = key("wispkey bundle v2 header");
  const contentKey = key("wispkey bundle v2 content");
  const mac = bundle.subarray(sectionEnd, sectionEnd + 32);
  assert.deepEqual(
    createHmac("sha256", headerKey).update(bundle.subarray(0, sectionEnd)).digest().toString("hex"),
    mac.toHex(),
  );
  const plain: Uint8Array[] = [];
  let number = 0;
  for (let at = sectionEnd + 32; at < bundle.length; at += 65_552) {
    const chunk = bundle.subarray(at, at + 65_552);
    const nonce = new Uint8Array(12);
    new DataView(nonce.buffer).setUint32(7, number++);
    nonce[11] = at + 65_552 >= bundle.length ? 1 : 0;
    const decipher = createDecipheriv("aes-256-gcm", contentKey, nonce);
    decipher.setAAD(mac);
    decipher.setAuthTag(chunk.subarray(-16));
    plain.push(decipher.update(chunk.subarray(0, -16)), decipher.final());
  }
  const content = concat(...plain);
  const records: { json: Record<string, unknown>; value: string }[] = [];
  for (let at = 0; at < content.length;) {
    const lengths = new DataView(content.buffer, at);
    const jsonEnd = at + 8 + lengths.getUint32(0);
    const end = jsonEnd + lengths.getUint32(4);
    const json = JSON.parse(new TextDecoder().decode(content.subarray(at + 8, jsonEnd)));
    records.push({ json, value: content.subarray(jsonEnd, end).toHex() });
    at = end;
  }
  return { secret: secret.toHex(), headerKey: headerKey.toHex(), contentKey: contentKey.toHex(), records };
}

for (const vector of VECTORS.vectors) {
  Deno.test(`published figures: ${vector.description}`, async () => {
    const bundle = Uint8Array.fromHex(vector.bundle);
    assert.equal(createHash("sha256").update(bundle).digest("hex"), vector.sha256);
    const book = await readByTheBook(bundle, vector.passphrase);
    assert.deepEqual([book.secret, book.headerKey, book.contentKey], [
      vector.secret,
      vector.header_key,
      vector.content_key,
    ]);
    assert.deepEqual(book.records, [{ json: vector.manifest, value: "" }, ...vector.credentials]);
    const ours = await read(bundle, opener(vector.passphrase));
    assert.deepEqual(manifestToJson(ours.manifest), vector.manifest);
    assert.deepEqual(
      ours.credentials.map(({ value }) => value.toHex()),
      vector.credentials.map(({ value }) => value),
    );
    const again: Uint8Array[] = [];
    const kdf = new DataView(bundle.buffer);
    const cost = { memoryKiB: kdf.getUint32(9), passes: kdf.getUint32(13), parallelism: kdf.getUint8(17) };
    const lock = { passphrase: utf8(vector.passphrase), kdf: cost, salt: bundle.slice(18, 34) };
    const sink = { write: (bytes: Uint8Array) => Promise.resolve(void again.push(bytes.slice())) };
    await writeBundle(sink, lock, ours.manifest, ours.credentials);
    assert.equal(concat(...again).toHex(), vector.bundle, "writing it again gives the same bytes");
  });
}

for (const { description, bundle, fault } of VECTORS.refused) {
  Deno.test(`published figures that must be refused: ${description}`, async () => {
    assert.equal(await faultOf(Uint8Array.fromHex(bundle), opener("published figures")), fault);
  });
}

Deno.test("a second reader reads what is written today", async () => {
  const all = [credential("a"), credential("b", { value: new Uint8Array(150_000).fill(3) })];
  const chunks: Uint8Array[] = [];
  const sink = { write: (bytes: Uint8Array) => Promise.resolve(void chunks.push(bytes.slice())) };
  await writeBundle(sink, { passphrase: utf8("today's long passphrase") }, manifestFor(all), copies(all));
  const { records } = await readByTheBook(concat(...chunks), "today's long passphrase");
  assert.deepEqual(records.slice(1).map(({ value }) => value), all.map(({ value }) => value.toHex()));
});
