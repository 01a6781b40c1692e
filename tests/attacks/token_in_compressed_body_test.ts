import { gunzipSync, gzipSync } from "node:zlib";
import { Buffer } from "node:buffer";
import { bodyOf, latin1, thwarted } from "./misplaced.ts";

Deno.test("a token in a compressed body is seen", () =>
  thwarted({
    request: (token) => ({
      fields: ["Content-Type: application/json", "Content-Encoding: gzip"],
      body: latin1(gzipSync(JSON.stringify({ body: token }))),
    }),
    read: (kept) => gunzipSync(Buffer.from(bodyOf(kept), "latin1")).toString(),
    shows: "token",
    place: /the body, at \/body/,
  }));

Deno.test("a token behind the end of a first compressed member is seen", () =>
  thwarted({
    request: (token) => ({
      fields: ["Content-Type: text/plain", "Content-Encoding: gzip"],
      body: latin1(Buffer.concat([gzipSync("harmless "), gzipSync(token)])),
    }),
    read: (kept) => gunzipSync(Buffer.from(bodyOf(kept), "latin1")).toString(),
    shows: "token",
    place: /in the body:/,
  }));
