import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import zlib from "node:zlib";
import fc from "fast-check";
import { ScrubSet } from "../../../src/core/scrub/mod.ts";
import type { BodySource } from "../../../src/proxy/http/mod.ts";
import type { Coding } from "../../../src/proxy/scrub/codings.ts";
import { DecodedBody } from "../../../src/proxy/scrub/decoded_body.ts";
import { ScrubbedBody } from "../../../src/proxy/scrub/scrubbed_body.ts";
import { ZstdFrames } from "../../../src/proxy/scrub/zstd_frame.ts";
import { chunked, plain, SECRET, withScene } from "./support.ts";

const utf8 = (text: string) => new TextEncoder().encode(text);
const text = Buffer.from(Array.from({ length: 60_000 }, (_, i) => (i * i * 7919) % 253));
const CODED: Record<string, [Coding, Uint8Array]> = {
  gzip: ["gzip", zlib.gzipSync(text)],
  deflate: ["deflate", zlib.deflateSync(text)],
  "raw deflate": ["deflate", zlib.deflateRawSync(text)],
  br: ["br", zlib.brotliCompressSync(text)],
  zstd: ["zstd", zlib.zstdCompressSync(text)],
  "zstd with a checksum": [
    "zstd",
    zlib.zstdCompressSync(text, { params: { [zlib.constants.ZSTD_c_checksumFlag]: 1 } }),
  ],
};

/** A body that gives pieces, then ends, or fails if it is told why. */
function bodyOf(pieces: readonly Uint8Array[], failure?: Error): BodySource {
  const left = [...pieces];
  return {
    length: null,
    trailers: null,
    read: () => {
      const piece = left.shift();
      if (piece !== undefined) return piece;
      return failure === undefined ? null : Promise.reject(failure);
    },
    cancel: () => {},
  };
}

async function readAll(body: BodySource): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for (let piece = await body.read(); piece !== null; piece = await body.read()) {
    pieces.push(Buffer.from(piece));
  }
  return Buffer.concat(pieces);
}

function pieces(bytes: Uint8Array, size: number): Uint8Array[] {
  return Array.from(
    { length: Math.ceil(bytes.length / size) },
    (_, i) => bytes.slice(i * size, i * size + size),
  );
}

for (const [name, [coding, coded]] of Object.entries(CODED)) {
  Deno.test(`a body in ${name} is whole only if its last byte came`, async () => {
    for (const size of [coded.length, 1_000, 7]) {
      assert.deepEqual(await readAll(new DecodedBody(bodyOf(pieces(coded, size)), coding)), text);
    }
    const cuts = [...Array.from({ length: 12 }, (_, i) => coded.length - 1 - i), coded.length >> 1, 9, 2, 1];
    for (const cut of cuts) {
      await assert.rejects(
        readAll(new DecodedBody(bodyOf(pieces(coded.subarray(0, cut), 5_000)), coding)),
        { code: "undecodable_response" },
        `cut at ${cut} of ${coded.length}`,
      );
    }
  });
}

Deno.test("an empty text is whole in every coding, and cut off without its last byte", async () => {
  const empty: [Coding, Uint8Array][] = [
    ["gzip", zlib.gzipSync("")],
    ["br", zlib.brotliCompressSync("")],
    ["zstd", zlib.zstdCompressSync("")],
  ];
  for (const [coding, coded] of empty) {
    assert.equal((await readAll(new DecodedBody(bodyOf([coded]), coding))).length, 0, coding);
    if (coded.length < 2) continue;
    await assert.rejects(
      readAll(new DecodedBody(bodyOf([coded.subarray(0, -1)]), coding)),
      { code: "undecodable_response" },
      coding,
    );
  }
});

Deno.test("a second zstd frame, which the decoder leaves out, is not taken for nothing", async () => {
  const frame = zlib.zstdCompressSync("first");
  for (const coded of [[Buffer.concat([frame, frame])], [frame, frame], [frame, Buffer.from("junk")]]) {
    await assert.rejects(readAll(new DecodedBody(bodyOf(coded), "zstd")), { code: "undecodable_response" });
  }
});

Deno.test("the end of zstd frames is known for any text, level and chunking, and at no other byte", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 5_000 }),
      fc.boolean(),
      fc.integer({ min: 1, max: 19 }),
      fc.integer({ min: 1, max: 50 }),
      (bytes, checksum, level, size) => {
        const coded = zlib.zstdCompressSync(bytes, {
          params: {
            [zlib.constants.ZSTD_c_compressionLevel]: level,
            [zlib.constants.ZSTD_c_checksumFlag]: checksum ? 1 : 0,
          },
        });
        const skippable = Buffer.concat([Buffer.from("522a4d1803000000616263", "hex"), coded]);
        for (const stream of [coded, skippable]) {
          const frames = new ZstdFrames();
          for (const piece of pieces(stream.subarray(0, -1), size)) {
            frames.push(piece);
            assert.ok(!frames.isComplete);
          }
          frames.push(stream.subarray(-1));
          assert.ok(frames.isComplete);
          assert.equal(frames.ended, 1);
          frames.push(Uint8Array.of(1));
          assert.ok(!frames.isComplete);
        }
      },
    ),
    { numRuns: 200 },
  );
});

for (const coding of ["br", "zstd"] as const) {
  Deno.test(`a response in ${coding} that its host cut off reaches the client as cut off`, () => {
    const coded = CODED[coding]![1];
    const half = coded.subarray(0, coded.length - 3);
    return withScene(() => plain(half, `Content-Encoding: ${coding}`), async ({ ask }) => {
      const { raw, status } = await ask();
      assert.ok(status === 502 || !raw.endsWith("0\r\n\r\n"), raw.slice(-40));
    });
  });
}

Deno.test("what is held back when a body fails is dropped: it may be the beginning of a secret", async () => {
  const set = new ScrubSet([{
    owner: "k",
    token: "wk_k_a7x9m2k4a7x9m2k4",
    value: utf8(SECRET),
    kind: { isPair: false, minimum: 0 },
  }]);
  const failure = new Error("reset");
  const found: string[] = [];
  const body = new ScrubbedBody(
    bodyOf([utf8(`line ${SECRET}\n`), utf8(`data: ${SECRET.slice(0, 20)}`)], failure),
    set,
    (owner) => found.push(owner),
  );
  let came = "";
  const reading = (async () => {
    for (;;) {
      const piece = await body.read();
      assert.notEqual(piece, null, "a body that failed is not whole");
      came += new TextDecoder().decode(piece ?? undefined);
    }
  })();
  await assert.rejects(reading, failure);
  await assert.rejects(Promise.resolve(body.read()), failure, "and stays so");
  assert.equal(came, "line wk_k_a7x9m2k4a7x9m2k4\n");
  assert.deepEqual(found, ["k"]);
  set.release();
});

Deno.test("a connection that is closed within an echoed secret gives no part of it away", () =>
  withScene((request) => {
    const [head, piece] = chunked([`you sent ${request.match(/Bearer (.*)\r/)?.[1]?.slice(0, 20)}`]);
    return [`${head}${piece}`, "zz\r\n"];
  }, async ({ ask }) => {
    const { raw } = await ask();
    assert.ok(!raw.endsWith("0\r\n\r\n"), raw);
    assert.ok(!raw.includes(SECRET.slice(0, 8)), raw);
  }));
