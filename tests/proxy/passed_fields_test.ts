import assert from "node:assert/strict";
import { HeaderList } from "../../src/proxy/http/headers.ts";
import { requestFields, responseFields } from "../../src/proxy/passed_fields.ts";

const list = (...fields: [string, string][]) => [...new HeaderList(fields)];

Deno.test("a request's Host is ours to write, and comes first and once", () => {
  const fields = list(["A", "1"], ["host", "evil.test"], ["B", "2"]);
  const out = requestFields(fields, "api.test:8443", false, new Map());
  assert.deepEqual(out.map(({ name, value }) => [name, value]), [["Host", "api.test:8443"], ["A", "1"], [
    "B",
    "2",
  ]]);
});

Deno.test("values that hold a secret take the place of the client's, by position and not by name", () => {
  const secret = new Uint8Array([65, 66]);
  const fields = list(["X", "one"], ["X", "two"]);
  const out = requestFields(fields, "a", true, new Map([[1, secret]]));
  assert.deepEqual(out.map(({ value }) => value), ["a", "one", secret]);
});

Deno.test("what Connection names is dropped, whoever names it and however it is spelled", () => {
  const fields = list(["Connection", "close, x-A"], ["connection", " X-b ,,"], ["X-a", "1"], ["x-B", "2"], [
    "X-C",
    "3",
  ]);
  assert.deepEqual(requestFields(fields, "a", false, new Map()).map(({ name }) => name), ["Host", "X-C"]);
  assert.deepEqual(responseFields(fields).map(({ name }) => name), ["X-C"]);
});

Deno.test("Connection cannot take Host away", () => {
  const out = requestFields(list(["Connection", "host"], ["Host", "a"]), "api.test", false, new Map());
  assert.deepEqual(out.map(({ name, value }) => [name, value]), [["Host", "api.test"]]);
});

Deno.test("a response keeps its length, order and repetition, and cannot speak in our name", () => {
  const fields = list(
    ["Content-Length", "3"],
    ["Set-Cookie", "a"],
    ["X-WispKey-Error", "loop"],
    ["set-cookie", "b"],
    ["Transfer-Encoding", "chunked"],
    ["Proxy-Authenticate", "Basic"],
    ["Upgrade", "h2c"],
    ["Trailer", "X"],
  );
  assert.deepEqual(responseFields(fields).map(({ name, value }) => [name, value]), [
    ["Content-Length", "3"],
    ["Set-Cookie", "a"],
    ["set-cookie", "b"],
  ]);
});

Deno.test("what is meant for a proxy stays with it, known or not", () => {
  const fields = list(["Proxy-Authorization", "Basic eA=="], ["proxy-foo", "1"], ["X-Proxy-Like", "2"]);
  assert.deepEqual(requestFields(fields, "a", false, new Map()).map(({ name }) => name), [
    "Host",
    "X-Proxy-Like",
  ]);
  assert.deepEqual(responseFields(fields).map(({ name }) => name), ["X-Proxy-Like"]);
});

Deno.test("fields that name another host or path go along without a token only", () => {
  const fields = list(
    ["Forwarded", "host=evil.test"],
    ["X-Forwarded-Host", "evil.test"],
    ["X-Original-URL", "/admin"],
    ["X-Rewrite-Url", "/admin"],
    ["X-Host", "evil.test"],
    ["X-Other", "1"],
  );
  const names = (carriesToken: boolean) =>
    requestFields(fields, "a", carriesToken, new Map()).map(({ name }) => name);
  assert.deepEqual(names(true), ["Host", "X-Other"]);
  assert.equal(names(false).length, 7);
});
