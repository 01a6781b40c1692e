import assert from "node:assert/strict";
import { utf8 } from "../../src/core/bytes.ts";
import { gather, HeldBody } from "../../src/proxy/held_body.ts";
import type { BodySource } from "../../src/proxy/http/body.ts";
import { HeaderList } from "../../src/proxy/http/headers.ts";
import { WatchedBody } from "../../src/proxy/watched_body.ts";

/** A source of pieces; a promise is one that has to be waited for. All pieces share one buffer, as real ones do. */
function source(pieces: (string | Promise<string>)[], length: number | null = null) {
  const buffer = new Uint8Array(64);
  const view = (text: string) => {
    buffer.set(utf8(text));
    return buffer.subarray(0, text.length);
  };
  const state = { reads: 0, cancelled: undefined as Error | undefined };
  const body: BodySource = {
    length,
    trailers: null,
    read: () => {
      const piece = pieces[state.reads++];
      return piece === undefined ? null : piece instanceof Promise ? piece.then(view) : view(piece);
    },
    cancel: (reason) => state.cancelled = reason,
  };
  return Object.assign(state, { body });
}

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

async function all(body: BodySource): Promise<string> {
  let out = "";
  for (let piece = await body.read(); piece !== null; piece = await body.read()) out += text(piece);
  return out;
}

Deno.test("a body that is at hand is gathered without waiting", () => {
  const gathered = gather(source(["ab", "cd", "e"]).body, 5);
  assert.ok(!(gathered instanceof Promise) && gathered.whole);
  assert.equal(text(gathered.bytes), "abcde");
});

Deno.test("a body that comes later is gathered when it has come", async () => {
  const gathered = await gather(source(["ab", Promise.resolve("cd"), "e"]).body, 5, 60_000);
  assert.ok(gathered.whole);
  assert.equal(text(gathered.bytes), "abcde");
});

Deno.test("of a body that is too long nothing is lost", async () => {
  for (const later of [false, true]) {
    const pieces = ["ab", later ? Promise.resolve("cd") : "cd", "ef", "gh"];
    const gathered = await gather(source(pieces, 8).body, 3);
    assert.ok(!gathered.whole);
    assert.equal(text(gathered.bytes), "abcd");
    assert.equal(gathered.source.length, 8);
    assert.equal(await all(gathered.source), "abcdefgh");
  }
});

Deno.test("a body that does not come in time is handed over with what is still to come", async () => {
  const late = Promise.withResolvers<string>();
  const given = source(["ab", late.promise, "ef"]);
  const gathered = await gather(given.body, 100, 1);
  assert.ok(!gathered.whole);
  assert.equal(text(gathered.bytes), "ab");
  const rest = all(gathered.source);
  late.resolve("cd");
  assert.equal(await rest, "abcdef");
  const reason = new Error("over");
  gathered.source.cancel(reason);
  assert.equal(given.cancelled, reason);
});

Deno.test("what fails while gathering, or after, fails the reader", async () => {
  const failure = new Error("gone");
  await assert.rejects(async () => await gather(source(["a", Promise.reject(failure)]).body, 100), failure);
  const late = Promise.withResolvers<string>();
  const gathered = await gather(source(["a", late.promise]).body, 100, 1);
  assert.ok(!gathered.whole);
  late.reject(failure);
  await assert.rejects(() => all(gathered.source), failure);
});

Deno.test("a held body keeps the framing of the one it stands for, unless it holds a secret", () => {
  const bytes = () => new Uint8Array([1, 2, 3]);
  const trailers = new HeaderList([["A", "b"]]);
  const length = (like: { length: number | null; trailers: HeaderList | null }, secret: boolean) =>
    new HeldBody(bytes(), like, secret).length;
  assert.equal(length({ length: 9, trailers: null }, false), 3);
  assert.equal(length({ length: null, trailers: null }, false), null);
  assert.equal(length({ length: null, trailers: null }, true), 3);
  assert.equal(length({ length: null, trailers }, true), null);
});

Deno.test("a held body is read once, and one that is secret is wiped when nobody reads it", () => {
  const bytes = new Uint8Array([1, 2, 3]);
  const body = new HeldBody(bytes, { length: 3, trailers: null }, true);
  assert.equal(body.read(), bytes);
  assert.equal(body.read(), null);
  body.cancel();
  assert.deepEqual([...bytes], [1, 2, 3], "what is being written is not touched");
  new HeldBody(bytes, { length: 3, trailers: null }, true).cancel();
  assert.deepEqual([...bytes], [0, 0, 0]);
});

Deno.test("a watched body is checked across its pieces, and its trailers at the end", async () => {
  const seen: string[] = [];
  const body = new WatchedBody(
    source(["ab", Promise.resolve("cd")]).body,
    (text) => seen.push(text),
    () => {},
  );
  assert.equal(await all(body), "abcd");
  assert.deepEqual(seen, ["ab", "abcd"]);
  const withTrailers = { ...source(["x"]).body, trailers: new HeaderList([["A", "b"]]) };
  const refusal = new Error("refused");
  const watched = new WatchedBody(withTrailers, () => {}, () => {
    throw refusal;
  });
  assert.equal(text(watched.read() as Uint8Array), "x");
  assert.throws(() => watched.read(), refusal);
});
