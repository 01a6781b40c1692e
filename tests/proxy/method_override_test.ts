import assert from "node:assert/strict";
import { utf8 } from "../../src/core/bytes.ts";
import { HeldBody } from "../../src/proxy/held_body.ts";
import { HeaderList } from "../../src/proxy/http/headers.ts";
import { isForm, methodOverrides } from "../../src/proxy/method_override.ts";

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

Deno.test("nor is one missed that only some frameworks understand", () => {
  assert.deepEqual(methodOverrides(fields(["X_HTTP_Method_Override", "DELETE"]), "", null), ["DELETE"]);
  for (
    const query of ["?.method=DELETE", "?+_method=DELETE", "?a=1;_method=DELETE", "?%20%5Fmethod=DELETE"]
  ) {
    assert.ok(methodOverrides(fields(), query, null).includes("DELETE"), query);
  }
  const urlencoded = "application/x-www-form-urlencoded; charset=gbk";
  const types = fields(["Content-Type", "text/plain"], ["Content-Type", urlencoded]);
  assert.deepEqual(methodOverrides(types, "", held("_method=DELETE")), ["DELETE"]);
  const multipart = fields(["Content-Type", "multipart/form-data; boundary=b"]);
  for (
    const name of [
      "name=_method",
      'name = "_method"',
      'name="\\_method"',
      "name*=utf-8''%5Fmethod",
      'name=".method"',
    ]
  ) {
    const body = `--b\r\nContent-Disposition: form-data; ${name}\r\n\r\nDELETE\r\n--b--\r\n`;
    assert.equal(methodOverrides(multipart, "", held(body)).length, 1, name);
  }
});

Deno.test("a form is one whatever else is said of it", () => {
  for (
    const type of [
      "application/x-www-form-urlencoded",
      "Multipart/Form-Data",
      "application/x-www-form-urlencoded; charset=gbk",
      "multipart/form-data; boundary=a,b",
      "text/plain, multipart/form-data; boundary=a",
    ]
  ) assert.ok(isForm(fields(["Content-Type", type])), type);
  assert.ok(!isForm(fields(["Content-Type", "application/json"], ["X", "multipart/form-data"])));
});
