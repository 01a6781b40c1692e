import { Buffer } from "node:buffer";
import assert from "node:assert/strict";
import fc from "fast-check";
import { sightBodyTokens } from "../../src/core/body_sightings.ts";
import { utf8 } from "../../src/core/bytes.ts";
import { type BodyFormat, bodyFormat } from "../../src/core/media_type.ts";
import type { BodyEscape, Spot } from "../../src/core/sightings.ts";
import { MAX_UNKNOWN_WORDS } from "../../src/core/token_finder.ts";
import { bodyValue } from "../../src/core/substitution.ts";
import { FUZZ_CASES } from "./fuzz.ts";

const TOKEN = "wk_key_0123456789abcdef";
const keyring = {
  tokenLengths: [TOKEN.length],
  find: (token: string) => ({ kind: token === TOKEN ? "live" : "unknown" }),
};
const latin1 = (text: string): string => Buffer.from(text, "utf8").toString("latin1");

function sight(body: string, type?: string): Spot[] {
  const text = latin1(body);
  return sightBodyTokens(text, bodyFormat(type, text.charCodeAt(0)), keyring).map(({ spot }) => spot);
}

const FORM = "application/x-www-form-urlencoded";
const MULTIPART = "multipart/form-data; boundary=b";
const part = (fields: string, content: string) =>
  `--b\r\nContent-Disposition: form-data; ${fields}\r\n\r\n${content}\r\n`;

Deno.test("a token in a body is told with its place", () => {
  const json = (pointer: string): Spot => ({ in: "body_json", pointer, escape: "json" });
  const form = (field: string): Spot => ({ in: "form", field, escape: "percent" });
  const multipart = (field: string): Spot => ({ in: "form", field, escape: "multipart" });
  const anywhere = (escape: BodyEscape): Spot => ({ in: "body", escape });
  const rows: [body: string, type: string | undefined, spot: Spot][] = [
    [`{"a":{"b":["x","${TOKEN}"]}}`, "application/json", json("/a/b/1")],
    [`{"é~/":"x${TOKEN} y"}`, "text/json", json("/é~0~1")],
    [`"${TOKEN}"`, "application/json", json("")],
    [`{"a":"${TOKEN}"}`, undefined, anywhere("json")],
    [`{"a":"${TOKEN}"}`, "text/plain", anywhere("json")],
    [`{"${TOKEN}":1}`, "application/json", anywhere("json")],
    [`{"a":"${TOKEN}"`, "application/json", anywhere("json")],
    [`{"a":"x"}\n{"a":"${TOKEN}"}`, "application/x-ndjson", anywhere("json")],
    [`a=1&b=${TOKEN}`, FORM, form("b")],
    [`a=1&b%5Bc%5D=x${TOKEN}&d`, FORM, form("b[c]")],
    [`${TOKEN}=1`, FORM, anywhere("percent")],
    [`b=x;title=${TOKEN}`, FORM, anywhere("percent")],
    [`b=${TOKEN};title=x`, FORM, form("b")],
    [`${part('name="a"', TOKEN)}--b--`, MULTIPART, multipart("a")],
    [`${part('name="a"; filename="x"', TOKEN)}--b--`, MULTIPART, anywhere("multipart")],
    [`preamble ${TOKEN}`, MULTIPART, anywhere("multipart")],
    [`${part(`name="a"; filename="${TOKEN}"`, "x")}--b--`, MULTIPART, {
      in: "elsewhere",
      what: "the head of a form's part",
    }],
    [`<a>${TOKEN}</a>`, "text/xml", anywhere("none")],
    [TOKEN, undefined, anywhere("none")],
    [TOKEN, "application/octet-stream", { in: "elsewhere", what: "a body that is not text" }],
    [btoa(`x${TOKEN}`), "text/plain", { in: "elsewhere", what: "the body, hidden by Base64" }],
    [`{"a":"\\u0077${TOKEN.slice(1)}"}`, "application/json", {
      in: "elsewhere",
      what: "the body, hidden by JSON escapes",
    }],
    [`a=%77${TOKEN.slice(1)}`, FORM, { in: "elsewhere", what: "the body, hidden by percent-encoding" }],
  ];
  for (const [body, type, spot] of rows) assert.deepEqual(sight(body, type), [spot], body);
});

Deno.test("words that were never ours are no tokens, and cost few lookups however many they are", () => {
  let asked = 0;
  const lookup = {
    ...keyring,
    find: (token: string) => (asked++, keyring.find(token)),
    isLive: (token: string) => token === TOKEN,
  };
  const words = Array.from({ length: 5_000 }, (_, i) => `wk_word_${String(i).padStart(16, "0")}`).join(" ");
  assert.deepEqual(sightBodyTokens(words, { kind: "text" }, lookup), []);
  assert.ok(asked <= 2 * MAX_UNKNOWN_WORDS, `${asked} lookups`);
  // A live token behind all of them is found all the same, plain or hidden.
  assert.equal(sightBodyTokens(`${words} ${TOKEN}`, { kind: "text" }, lookup).length, 1);
  assert.equal(sightBodyTokens(`${words} ${btoa(TOKEN)}`, { kind: "text" }, lookup).length, 1);
});

const SECRET_BYTES = fc.string({ unit: "binary", maxLength: 20 });

function substituted(body: string, format: BodyFormat, secret: Uint8Array): Buffer {
  const bytes = Buffer.from(body, "utf8");
  const found = sightBodyTokens(bytes.toString("latin1"), format, keyring);
  const replacements = found.map(({ start, end, spot }) => {
    assert.ok(spot.in === "body_json" || spot.in === "form" || spot.in === "body", JSON.stringify(spot));
    return { start, end, secret, escape: spot.escape };
  });
  return Buffer.from(bodyValue(bytes, replacements, format.kind === "multipart" ? format.boundary : null));
}

Deno.test("property: in JSON only the token changes, and the secret is read back from its pointer", () => {
  const json = fc.jsonValue({ maxDepth: 3 });
  fc.assert(
    fc.property(json, json, SECRET_BYTES, fc.constantFrom(undefined, 2), (before, after, secret, indent) => {
      const text = JSON.stringify({ before, key: `a ${TOKEN} b`, after }, null, indent);
      if (JSON.stringify([before, after]).includes("wk_")) return;
      const out = substituted(text, { kind: "json", isSure: true }, utf8(secret)).toString("utf8");
      const value = JSON.parse(out);
      // A lone surrogate has no UTF-8.
      assert.equal(value.key, `a ${secret.toWellFormed()} b`);
      const [left, right] = text.split(TOKEN);
      assert.ok(out.startsWith(left ?? "?") && out.endsWith(right ?? "?"));
      assert.equal(JSON.stringify(value.before), JSON.stringify(JSON.parse(text).before));
    }),
    { numRuns: FUZZ_CASES },
  );
});

Deno.test("property: in a form only the token changes, and no secret adds a field", () => {
  const pairs = fc.array(fc.tuple(fc.string(), fc.string()), { maxLength: 3 });
  fc.assert(
    fc.property(pairs, pairs, SECRET_BYTES, (before, after, secret) => {
      const encode = (list: [string, string][]) => new URLSearchParams(list).toString();
      const left = encode([...before, ["k", ""]]);
      const right = after.length === 0 ? "" : `&${encode(after)}`;
      const out = substituted(`${left}${TOKEN}${right}`, { kind: "urlencoded" }, utf8(secret)).toString(
        "utf8",
      );
      assert.ok(out.startsWith(left) && out.endsWith(right));
      const fields = [...new URLSearchParams(out)];
      assert.equal(fields.length, before.length + 1 + after.length);
      assert.equal(fields[before.length]?.[1], secret.toWellFormed());
    }),
    { numRuns: FUZZ_CASES },
  );
});

Deno.test("property: in multipart only the token changes, whatever bytes the secret has", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 20 }), fc.string(), (secret, other) => {
      if (other.includes("--b") || other.includes("wk_")) return;
      const text = `${part('name="o"', other)}${part('name="k"', TOKEN)}--b--\r\n`;
      const format: BodyFormat = { kind: "multipart", boundary: "b" };
      if (Buffer.from(secret).includes("--b")) {
        assert.throws(() => substituted(text, format, secret), { code: "value_not_allowed_here" });
        return;
      }
      const [left = "", right = ""] = text.split(TOKEN);
      const expected = Buffer.concat([Buffer.from(left), Buffer.from(secret), Buffer.from(right)]);
      assert.deepEqual(substituted(text, format, secret), expected);
    }),
    { numRuns: FUZZ_CASES },
  );
});

Deno.test("a secret that would break out of its place is refused, without being told", () => {
  const at = { start: 0, end: 1 };
  const put = (secret: Uint8Array, escape: BodyEscape, boundary: string | null = null) => () =>
    bodyValue(utf8("x"), [{ ...at, secret, escape }], boundary);
  const notUtf8 = [[0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf5, 0x80, 0x80, 0x80], [0xe2, 0x82], [0x80]];
  for (const bytes of notUtf8) {
    assert.throws(put(Uint8Array.from(bytes), "json"), { code: "value_not_allowed_here" }, String(bytes));
    assert.deepEqual(put(Uint8Array.from(bytes), "none")(), Uint8Array.from(bytes));
  }
  const split = utf8("s3cret\r\n--b\r\nContent-Disposition: form-data");
  assert.throws(put(split, "multipart", "b"), (error: Error) => !error.message.includes("s3cret"));
  assert.deepEqual(Buffer.from(put(utf8('"\\\n\u0001é😀'), "json")()).toString(), '\\"\\\\\\u000A\\u0001é😀');
});

Deno.test("property: whatever the injector could put a secret in, the detector sees", () => {
  const place = fc.constantFrom<(token: string) => [string, string | undefined]>(
    (token) => [`{"a":["${token}"]}`, "application/json"],
    (token) => [`{"${token}":1}`, "application/json"],
    (token) => [`x=${token}`, FORM],
    (token) => [`${token}`, "text/plain"],
    (token) => [`${part('name="a"', token)}--b--`, MULTIPART],
    (token) => [`\x00\xff${token}\x00`, "application/octet-stream"],
  );
  const noise = fc.string({ maxLength: 20 });
  fc.assert(
    fc.property(place, noise, noise, (place, before, after) => {
      const [body, type] = place(TOKEN);
      const text = `${latin1(before)}${body}${latin1(after)}`;
      const found = sightBodyTokens(text, bodyFormat(type, text.charCodeAt(0)), keyring);
      assert.ok(found.some(({ start, end }) => text.slice(start, end) === TOKEN));
    }),
    { numRuns: FUZZ_CASES },
  );
});
