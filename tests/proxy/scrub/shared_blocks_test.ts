/**
 * Buffers are lent from one store to all connections. Here many answers are on their way at once, and whoever writes looks at
 * the bytes only a while after it was given them, as a kernel may: no byte of one may come out of another.
 */

import assert from "node:assert/strict";
import fc from "fast-check";
import { utf8 } from "../../../src/core/bytes.ts";
import { giveBlock, LARGE_BLOCK, MEDIUM_BLOCK, takeBlock } from "../../../src/proxy/http/blocks.ts";
import { BodyReader, BodyWriter, BufferedReader, OutputBuffer } from "../../../src/proxy/http/mod.ts";
import type { ByteStream } from "../../../src/proxy/http/types.ts";
import { ScrubbedBody } from "../../../src/proxy/scrub/scrubbed_body.ts";
import { latin1, setOf, TOKEN } from "../../core/scrub/support.ts";
import { read } from "./support.ts";

const SECRET = "sk-live-4f9c1b7a2e8d6053";
const HEAD = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

/** Lets others go first, a few times. */
async function pause(turns: number): Promise<void> {
  for (let i = 0; i < turns; i++) await Promise.resolve();
}

/** Gives prepared bytes in reads of certain sizes; keeps what is written, taken late. */
class LateStream implements ByteStream {
  text = "";
  readonly #bytes: Uint8Array;
  readonly #sizes: readonly number[];
  #at = 0;
  #turn = 0;

  constructor(bytes: Uint8Array, sizes: readonly number[]) {
    this.#bytes = bytes;
    this.#sizes = sizes;
  }

  async read(buffer: Uint8Array): Promise<number | null> {
    const size = this.#next();
    await pause(size % 5);
    if (this.#at === this.#bytes.length) return null;
    const piece = this.#bytes.subarray(this.#at, this.#at + Math.min(size, buffer.length));
    buffer.set(piece);
    this.#at += piece.length;
    return piece.length;
  }

  async write(bytes: Uint8Array): Promise<number> {
    await pause(this.#next() % 11);
    this.text += latin1(bytes);
    await pause(2);
    return bytes.length;
  }

  closeWrite(): Promise<void> {
    return Promise.resolve();
  }

  close(): void {}

  #next(): number {
    return this.#sizes[this.#turn++ % this.#sizes.length] ?? 1;
  }
}

/** An answer of one letter, with secrets here and there and chunks of several sizes. */
function answer(letter: string, chunks: readonly number[]): { coded: Uint8Array; plain: string } {
  const texts = chunks.map((size, i) => letter.repeat(size) + (i % 2 === 0 ? SECRET : ""));
  const coded = texts.filter((text) => text !== "").map((text) =>
    `${text.length.toString(16)}\r\n${text}\r\n`
  );
  return { coded: utf8(`${coded.join("")}0\r\n\r\n`), plain: texts.join("").replaceAll(SECRET, TOKEN) };
}

const sizes = fc.array(
  fc.oneof(fc.integer({ min: 97, max: 2_000 }), fc.constant(9_000), fc.constant(70_000)),
  {
    minLength: 1,
    maxLength: 5,
  },
);
const chunkSizes = fc.array(
  fc.oneof(fc.integer({ min: 0, max: 600 }), fc.integer({ min: 8_000, max: 90_000 })),
  { minLength: 1, maxLength: 6 },
);

Deno.test("property: no byte of one answer comes out of another, however late what is written is taken", async () => {
  const set = setOf([SECRET]);
  const letters = ["a", "b", "c", "d"];
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(sizes, chunkSizes), { minLength: 4, maxLength: 4 }), async (plans) => {
      // What is lent holds something of somebody else.
      for (const size of [MEDIUM_BLOCK, LARGE_BLOCK]) giveBlock(takeBlock(size).fill(0xee));
      await Promise.all(plans.map(async ([steps, chunks], i) => {
        const { coded, plain } = answer(letters[i] ?? "z", chunks);
        const stream = new LateStream(coded, steps);
        const body = new BodyReader(new BufferedReader(stream), { kind: "chunked" }, { side: "upstream" });
        const output = new OutputBuffer(stream);
        output.text(HEAD);
        await new BodyWriter(output, { kind: "chunked" }).pump(new ScrubbedBody(body, set, () => {}));
        const text = stream.text;
        assert.ok(read(text).body === plain, `answer ${i} is not its own`);
        assert.match(text, /\r\n0\r\n\r\n$/);
      }));
    }),
    { numRuns: 40 },
  );
});
