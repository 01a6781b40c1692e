import assert from "node:assert/strict";
import { utf8 } from "../../src/core/bytes.ts";
import { HeldBody } from "../../src/proxy/held_body.ts";
import { HeaderList } from "../../src/proxy/http/headers.ts";
import { methodOverrides } from "../../src/proxy/method_override.ts";

const fields = (...pairs: [string, string][]) => [...new HeaderList(pairs)];
const held = (text: string) => new HeldBody(utf8(text), { length: text.length, trailers: null }, false);

Deno.test("every way of asking for another method is seen", () => {
  for (const name of ["X-HTTP-Method-Override", "x-http-method", "X-Method-Override"]) {
    assert.deepEqual(methodOverrides(fields([name, "DELETE"]), "", null), ["DELETE"], name);
  }
  assert.deepEqual(methodOverrides(fields(), "?a=1&_method=put&%5Fmethod=PATCH", null), ["put", "PATCH"]);
  const form: [string, string] = ["Content-Type", "application/x-www-form-urlencoded; charset=utf-8"];
  assert.deepEqual(methodOverrides(fields(form), "", held("x=1&_method=DELETE")), ["DELETE"]);
  const multipart: [string, string] = ["Content-Type", "multipart/form-data; boundary=b"];
  assert.equal(methodOverrides(fields(multipart), "", held('--b\r\n… name="_method"\r\n\r\nX')).length, 1);
});

Deno.test("an ordinary request asks for none", () => {
  assert.deepEqual(
    methodOverrides(fields(["X-Method", "x"]), "?method=x&a_method=y", held("_method=DELETE")),
    [],
  );
});
