import assert from "node:assert/strict";
import fc from "fast-check";
import { utf8 } from "../../../src/core/bytes.ts";
import { BufferedReader, HttpError } from "../../../src/proxy/http/mod.ts";
import { cut, MemoryStream } from "./memory_stream.ts";

const text = (bytes: Uint8Array | null) => bytes === null ? null : new TextDecoder("latin1").decode(bytes);

/** A stream whose reads are answered by hand. */
class ManualStream extends MemoryStream {
  reads = 0;
  #waiting: ((piece: string | null) => void) | undefined;

  constructor() {
    super([]);
  }

  override read(buffer: Uint8Array): Promise<number | null> {
    this.reads++;
    assert.equal(this.#waiting, undefined, "two reads at once");
    return new Promise((resolve) => {
      this.#waiting = (piece) => {
        this.#waiting = undefined;
        if (piece === null) return resolve(null);
        buffer.set(utf8(piece));
        resolve(piece.length);
      };
    });
  }

  answer(piece: string | null): Promise<void> {
    assert.ok(this.#waiting, "no read is under way");
    this.#waiting(piece);
    return new Promise((resolve) => setTimeout(resolve, 0));
  }
}

Deno.test("a head is found however its bytes are cut, and what follows is left", async () => {
  const head = "GET / HTTP/1.1\r\nHost: a\r\nX: \r\r\n\r\n";
  await fc.assert(fc.asyncProperty(fc.array(fc.nat()), async (places) => {
    const reader = new BufferedReader(new MemoryStream(cut(utf8(head + "rest"), places)));
    assert.equal(text(await reader.head(1000)), head);
    assert.equal(text(await reader.some(100))?.[0], "r");
  }));
});

Deno.test("heads that came together are taken one after the other without reading", async () => {
  const reader = new BufferedReader(new MemoryStream(["A\r\n\r\nB\r\n\r\n"]));
  assert.equal(text(await reader.head(100)), "A\r\n\r\n");
  assert.equal(text(reader.head(100) as Uint8Array), "B\r\n\r\n");
  assert.equal(await reader.head(100), null);
});

Deno.test("a head may be as long as the limit and no longer, wherever it is cut", async () => {
  for (const size of [100, 5_000, 40_000, 100_000]) {
    const head = "X".repeat(size - 4) + "\r\n\r\n";
    for (const pieces of [[head], [head.slice(0, 50), head.slice(50)]]) {
      assert.equal((await new BufferedReader(new MemoryStream(pieces)).head(size))?.length, size);
      await assert.rejects(
        async () => await new BufferedReader(new MemoryStream(pieces)).head(size - 1),
        (error) => error instanceof HttpError && error.status === 431,
      );
    }
  }
});

Deno.test("a line without CR is refused before the head is complete", async () => {
  for (const piece of ["GET / HTTP/1.1\nHost: a\n\n", "\nGET", "GET / HTTP/1.1\r\nA: b\n"]) {
    const stream = new ManualStream();
    const head = Promise.resolve(new BufferedReader(stream).head(1000));
    head.catch(() => {});
    await stream.answer(piece);
    await assert.rejects(head, { code: "malformed_request" });
  }
});

Deno.test("the end before a head is no head, within one it is truncation", async () => {
  assert.equal(await new BufferedReader(new MemoryStream([])).head(100), null);
  await assert.rejects(async () => await new BufferedReader(new MemoryStream(["GET"])).head(100), {
    code: "truncated",
  });
});

Deno.test("a failure is told as it came", async () => {
  const stream = new MemoryStream(["ab"]);
  stream.failure = new Deno.errors.ConnectionReset("reset");
  const reader = new BufferedReader(stream);
  assert.equal(text(await reader.some(10)), "ab");
  await assert.rejects(reader.some(10), Deno.errors.ConnectionReset);
  assert.equal(await reader.fill(), false);
  assert.ok(reader.failure instanceof Deno.errors.ConnectionReset);
});

Deno.test("the read of a watch serves the next one, so nothing is lost or read twice", async () => {
  const stream = new ManualStream();
  const reader = new BufferedReader(stream);
  const events: string[] = [];
  reader.watch((event) => events.push(event));
  reader.watch((event) => events.push("second " + event));
  assert.equal(stream.reads, 1);
  const next = reader.some(100);
  assert.equal(stream.reads, 1);
  await stream.answer("hello");
  assert.equal(text(await next), "hello");
  assert.deepEqual(events, ["second bytes"]);
});

Deno.test("a watch tells the end, once, even if it came before", async () => {
  const stream = new ManualStream();
  const reader = new BufferedReader(stream);
  const events: string[] = [];
  reader.watch((event) => events.push(event));
  await stream.answer(null);
  reader.watch((event) => events.push("again " + event));
  assert.deepEqual(events, ["end", "again end"]);
  assert.equal(await reader.fill(), false);
});

Deno.test("nobody is told after the watch was ended", async () => {
  const stream = new ManualStream();
  const reader = new BufferedReader(stream);
  reader.watch(() => assert.fail("told"));
  reader.unwatch();
  await stream.answer(null);
  assert.equal(reader.ended, true);
});

Deno.test("a stream that is taken over gives the byte a watch was waiting for", async () => {
  const stream = new ManualStream();
  const reader = new BufferedReader(stream, utf8("early"));
  reader.watch(() => {});
  assert.equal(text(reader.peek()), "early");
  const taken = reader.detach();
  const buffer = new Uint8Array(3);
  const first = taken.read(buffer);
  await stream.answer("later");
  assert.equal(await first, 3);
  assert.equal(text(buffer), "lat");
  assert.equal(await taken.read(buffer), 2);
  assert.equal(text(buffer.subarray(0, 2)), "er");
  const last = taken.read(buffer);
  await stream.answer(null);
  assert.equal(await last, null);
});
