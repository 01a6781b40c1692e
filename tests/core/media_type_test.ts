import assert from "node:assert/strict";
import { bodyFormat, parameter } from "../../src/core/media_type.ts";

const BRACE = 0x7b;
const LETTER = 0x61;

Deno.test("the format of a body follows its Content-Type, and its first byte where that says nothing", () => {
  const rows: [type: string | undefined, first: number, kind: string | null][] = [
    [undefined, BRACE, "json"],
    [undefined, LETTER, "text"],
    ["", LETTER, "text"],
    ["application/json", LETTER, "json"],
    ["Application/JSON ; charset=utf-8", LETTER, "json"],
    ["application/vnd.api+json", LETTER, "json"],
    ["application/x-ndjson", LETTER, "json"],
    ["text/json", LETTER, "json"],
    ["text/plain", LETTER, "text"],
    ["text/plain", BRACE, "json"],
    ["text/xml", LETTER, "text"],
    ["application/xml", LETTER, "text"],
    ["application/soap+xml", LETTER, "text"],
    ["application/graphql", LETTER, "text"],
    ["application/x-www-form-urlencoded", BRACE, "urlencoded"],
    ["multipart/form-data; boundary=abc", LETTER, "multipart"],
    ["multipart/form-data", LETTER, "text"],
    ["multipart/mixed; boundary=abc", LETTER, "text"],
    ["application/json; charset=utf-16le", BRACE, null],
    ["text/plain; charset=UTF-32", LETTER, null],
    ["application/json; charset=ibm037", BRACE, null],
    ["application/json; charset=utf-8; charset=utf-16", BRACE, null],
    ["text/plain; charset=iso-8859-1", LETTER, "text"],
    ["application/json, application/x-www-form-urlencoded", BRACE, null],
    ["a/b, c/d+json", BRACE, null],
    ["application/octet-stream", BRACE, null],
    ["application/grpc", BRACE, null],
    ["application/x-protobuf", BRACE, null],
    ["image/svg+xml", LETTER, null],
    ["image/png", BRACE, null],
  ];
  for (const [type, first, kind] of rows) assert.equal(bodyFormat(type, first)?.kind ?? null, kind, type);
});

Deno.test("a boundary is read with and without quotes, and one that is too long is none", () => {
  const boundary = (type: string) => {
    const format = bodyFormat(`multipart/form-data; ${type}`, LETTER);
    return format?.kind === "multipart" ? format.boundary : null;
  };
  assert.equal(boundary("boundary=----x"), "----x");
  assert.equal(boundary('charset=utf-8; boundary="----=_Part_0_1.2"'), "----=_Part_0_1.2");
  assert.equal(
    boundary("boundary=----WebKitFormBoundary7MA4YWxk ; charset=UTF-8"),
    "----WebKitFormBoundary7MA4YWxk",
  );
  assert.equal(boundary("BOUNDARY=x"), "x");
  assert.equal(boundary("boundary="), null);
  assert.equal(boundary("boundary=a; boundary=b"), null);
  assert.equal(boundary(`boundary=${"a".repeat(71)}`), null);
});

Deno.test("parameters that programs read differently make a body that is not text", () => {
  for (
    const type of [
      "multipart/form-data; boundary=a,b",
      'multipart/form-data; boundary="a b"',
      'multipart/form-data; boundary="a;b"',
      'multipart/form-data; boundary="a\\"b"; x=y',
      'multipart/form-data; boundary="a',
      "multipart/form-data; x=boundary=a; boundary=b",
      "multipart/form-data; boundary*0=a; boundary=b",
      'multipart/form-data; x="; boundary=a"; boundary=b',
      'multipart/form-data; x="boundary=a"; boundary=b',
      "multipart/form-data; xboundary=a; boundary=b",
      'application/json; x="; charset=utf-16"',
      "application/json; x=y, application/x-www-form-urlencoded",
    ]
  ) assert.equal(bodyFormat(type, BRACE), null, type);
});

Deno.test("a parameter inside another's quotes is not taken for one", () => {
  const value = 'form-data; filename="; name=evil"; name="good"';
  assert.equal(parameter(value, "name"), "good");
  assert.equal(parameter(value, "filename"), "; name=evil");
  assert.equal(parameter("form-data", "name"), undefined);
  assert.equal(parameter("form-data; name", "name"), undefined);
});
