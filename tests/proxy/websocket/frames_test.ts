import assert from "node:assert/strict";
import fc from "fast-check";
import { utf8 } from "../../../src/core/bytes.ts";
import { ScrubSet } from "../../../src/core/scrub/mod.ts";
import type { ByteStream } from "../../../src/proxy/http/mod.ts";
import {
  applyMask,
  type FrameHead,
  frameHead,
  Opcode,
  readFrameHead,
} from "../../../src/proxy/websocket/frame.ts";
import { FrameReader } from "../../../src/proxy/websocket/frame_reader.ts";
import { FrameWriter } from "../../../src/proxy/websocket/frame_writer.ts";
import { relayFromClient } from "../../../src/proxy/websocket/from_client.ts";
import { relayFromServer } from "../../../src/proxy/websocket/from_server.ts";

const runs = Number(Deno.env.get("WISPKEY_FUZZ_CASES") ?? 300);

const head: fc.Arbitrary<FrameHead> = fc.record({
  fin: fc.constant(true),
  opcode: fc.constantFrom(Opcode.continuation, Opcode.text, Opcode.binary),
  length: fc.oneof(
    fc.nat(300),
    fc.integer({ min: 65_530, max: 65_545 }),
    fc.integer({ min: 2 ** 32, max: 2 ** 52 }),
  ),
  mask: fc.option(fc.uint8Array({ minLength: 4, maxLength: 4 })),
}, { noNullPrototype: true });

Deno.test("a head reads back as it was written, and asks for more while it is not whole", () => {
  fc.assert(
    fc.property(head, (written) => {
      const bytes = frameHead(written);
      const masked = written.mask !== null;
      assert.deepEqual(readFrameHead(bytes, masked), { head: written, size: bytes.length });
      for (let end = 0; end < bytes.length; end++) {
        assert.equal(readFrameHead(bytes.subarray(0, end), masked), null);
      }
    }),
    { numRuns: runs },
  );
});

Deno.test("masking twice gives back what was, from any offset", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 50 }),
      fc.uint8Array({ minLength: 4, maxLength: 4 }),
      fc.nat(50),
      (bytes, mask, cut) => {
        const whole = bytes.slice();
        applyMask(whole, mask);
        applyMask(whole.subarray(0, cut), mask);
        applyMask(whole.subarray(cut), mask, Math.min(cut, bytes.length));
        assert.deepEqual(whole, bytes);
      },
    ),
    { numRuns: runs },
  );
});

/** A stream that gives `bytes` in the pieces of `cuts` and keeps what is written to it. */
function memoryStream(bytes: Uint8Array, cuts: readonly number[]): ByteStream & { written: number[] } {
  let at = 0;
  let turn = 0;
  const written: number[] = [];
  return {
    written,
    read: (buffer) => {
      if (at === bytes.length) return Promise.resolve(null);
      const count = Math.min(buffer.length, bytes.length - at, 1 + (cuts[turn++ % cuts.length] ?? 0));
      buffer.set(bytes.subarray(at, at + count));
      at += count;
      return Promise.resolve(count);
    },
    write: (piece) => {
      written.push(...piece);
      return Promise.resolve(piece.length);
    },
    closeWrite: () => Promise.resolve(),
    close: () => {},
  };
}

/** Frames of one message, cut where `lengths` say. */
function framesOf(message: Uint8Array, lengths: readonly number[], masked: boolean): Uint8Array {
  const out: number[] = [];
  let at = 0;
  for (let i = 0;; i++) {
    const length = i < lengths.length ? Math.min(lengths[i]!, message.length - at) : message.length - at;
    const payload = message.slice(at, at + length);
    at += length;
    const fin = i >= lengths.length;
    const mask = masked ? new Uint8Array([1, 2, 3, i & 255]) : null;
    if (mask !== null) applyMask(payload, mask);
    out.push(
      ...frameHead({ fin, opcode: i === 0 ? Opcode.text : Opcode.continuation, length, mask }),
      ...payload,
    );
    if (fin) return new Uint8Array(out);
  }
}

async function messageOf(bytes: readonly number[], masked: boolean): Promise<string> {
  const stream = memoryStream(new Uint8Array(bytes), [1000]);
  const reader = new FrameReader({ stream, buffered: new Uint8Array(0) }, masked);
  let text = "";
  for (let frame = await reader.next(); frame !== null; frame = await reader.next()) {
    const payload = await reader.payload(frame.length);
    if (frame.mask !== null) applyMask(payload, frame.mask);
    text += String.fromCharCode(...payload);
  }
  return text;
}

const SECRET = "sEcReT-0123456789-vAlUe";
const TOKEN = "wk_key_a7x9m2k4a7x9m2k4";
const lengths = fc.array(fc.nat(30), { maxLength: 6 });
const cuts = fc.array(fc.nat(40), { minLength: 1, maxLength: 5 });

Deno.test("a message of the server loses its secret and nothing else, however frames and reads are cut", async () => {
  const around = fc.string({ maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(
      around,
      around,
      fc.boolean(),
      lengths,
      cuts,
      async (before, after, has, frames, reads) => {
        const message = utf8(before + (has ? SECRET : "") + after);
        const set = new ScrubSet([{
          owner: 1,
          token: TOKEN,
          value: utf8(SECRET),
          kind: { isPair: false, minimum: 0 },
        }]);
        const out = memoryStream(new Uint8Array(0), [0]);
        const source = memoryStream(framesOf(message, frames, false), reads);
        const found: number[] = [];
        await relayFromServer(
          new FrameReader({ stream: source, buffered: new Uint8Array(0) }, false),
          new FrameWriter(out, false),
          set,
          (owner) => found.push(owner),
          () => {},
          () => {},
        );
        set.release();
        const expected = String.fromCharCode(...utf8(before + (has ? TOKEN : "") + after));
        assert.equal(await messageOf(out.written, false), expected);
        assert.equal(found.length > 0, has);
      },
    ),
    { numRuns: Math.min(runs, 5_000) },
  );
});

Deno.test("a message of the client passes byte for byte where no secret may stand in it", async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), lengths, cuts, async (message, frames, reads) => {
      const given = framesOf(message, frames, true);
      const out = memoryStream(new Uint8Array(0), [0]);
      let looked = "";
      await relayFromClient(
        new FrameReader({ stream: memoryStream(given, reads), buffered: new Uint8Array(0) }, true),
        new FrameWriter(out, true),
        {
          takesTokens: false,
          check: () => {},
          look: (text) => void (looked = text),
          inject: () => Promise.reject(new Error("never")),
        },
        () => {},
      );
      assert.deepEqual(new Uint8Array(out.written), given);
      assert.equal(looked.endsWith(String.fromCharCode(...message.slice(-1))), true);
    }),
    { numRuns: Math.min(runs, 5_000) },
  );
});
