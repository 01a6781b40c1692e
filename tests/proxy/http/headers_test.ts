import assert from "node:assert/strict";
import { endToEndFields, HeaderList } from "../../../src/proxy/http/mod.ts";

Deno.test("a header list keeps order, spelling and repetition", () => {
  const headers = new HeaderList([["B", "1"], ["a", "2"], ["b", "3"], ["A", "4"]]);
  assert.deepEqual([...headers].map(({ name, value }) => `${name}=${value}`), ["B=1", "a=2", "b=3", "A=4"]);
  assert.deepEqual(headers.getAll("B"), ["1", "3"]);
  assert.equal(headers.get("A"), "2");
  assert.equal(headers.size, 4);
});

Deno.test("deleting removes every field of the name, in any spelling, and counts them", () => {
  const headers = new HeaderList([["X-One", "1"], ["Two", "2"], ["x-one", "3"]]);
  assert.equal(headers.delete("X-ONE"), 2);
  assert.equal(headers.delete("X-ONE"), 0);
  assert.equal(headers.has("x-one"), false);
  assert.deepEqual([...headers].map(({ name }) => name), ["Two"]);
});

Deno.test("a token is found in a list of any shape, and never as a part of another", () => {
  const headers = new HeaderList([["Connection", "keep-alive , X-Close"], ["connection", "Upgrade"]]);
  assert.equal(headers.hasToken("Connection", "upgrade"), true);
  assert.equal(headers.hasToken("connection", "Keep-Alive"), true);
  assert.equal(headers.hasToken("connection", "close"), false);
});

Deno.test("end-to-end fields leave out what is for one connection, and what Connection names", () => {
  const headers = new HeaderList([
    ["Host", "a"],
    ["Connection", "close, X-Hop"],
    ["x-hop", "1"],
    ["Keep-Alive", "timeout=5"],
    ["Proxy-Authorization", "Basic x"],
    ["TE", "trailers"],
    ["Transfer-Encoding", "chunked"],
    ["Content-Length", "5"],
    ["Upgrade", "h2c"],
    ["X-End", "1"],
    ["x-end", "2"],
  ]);
  assert.deepEqual(endToEndFields(headers).map(({ name, value }) => `${name}: ${value}`), [
    "Host: a",
    "X-End: 1",
    "x-end: 2",
  ]);
});
