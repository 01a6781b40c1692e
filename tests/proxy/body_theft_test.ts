/**
 * Whatever a body looks like, a secret gets into it only where that was declared, and no token that was sent in a small body
 * goes out, however it is spelled. A second, simpler reading of the rules judges what the pipeline did.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import assert from "node:assert/strict";
import fc from "fast-check";
import type { Place } from "../../src/core/credential.ts";
import { RequestContext } from "../../src/proxy/context.ts";
import { HeldBody } from "../../src/proxy/held_body.ts";
import { HeaderList } from "../../src/proxy/http/headers.ts";
import { runSteps } from "../../src/proxy/pipeline.ts";
import { Refusal } from "../../src/proxy/refusal.ts";
import { wipeOutgoing } from "../../src/proxy/steps/inject.ts";
import { fakeServices } from "./fakes.ts";

const CASES = Number(Deno.env.get("WISPKEY_FUZZ_CASES") ?? 10_000);
const TOKEN = "wk_key_0123456789abcdef";
const SECRET = "S3CRETvalue";

const escaped = [...TOKEN].map((c) => `%${c.charCodeAt(0).toString(16)}`).join("");
const word = fc.constantFrom(
  TOKEN,
  `x ${TOKEN}.`,
  escaped,
  btoa(TOKEN),
  btoa(`ab${TOKEN}c`),
  TOKEN.replace("k", "\\u006b"),
  "plain",
  "",
  "wk_never_ours",
);
const key = fc.constantFrom("a", "b", TOKEN, "k");
/** What the field `a` is, and the whole body. */
const json = fc.array(fc.tuple(key, word), { minLength: 1, maxLength: 4 }).map((pairs) => ({
  type: "application/json",
  body: `{${pairs.map(([k, v]) => `"${k}":"${v}"`).join(",")}}`,
}));
const form = fc.array(fc.tuple(key, word), { minLength: 1, maxLength: 4 }).map((pairs) => ({
  type: "application/x-www-form-urlencoded",
  body: pairs.map(([k, v]) => `${k}=${v.replaceAll(" ", "+")}`).join("&"),
}));
const other = fc.tuple(word, word, fc.constantFrom("text/plain", "application/octet-stream", "image/png"))
  .map((
    [a, b, type],
  ) => ({ type, body: `${a}\n${b}` }));

const place = fc.constantFrom<Place | null>(
  null,
  { in: "body_json", pointer: "/a" },
  { in: "form", field: "a" },
  { in: "body" },
  { in: "header", name: "X-K" },
);

/** The body with every occurrence of the token at the declared place filled, as a reader of that place would do it. */
function filled(type: string, body: string, place: Place | null): string {
  if (place?.in === "body" && type !== "application/octet-stream" && type !== "image/png") {
    return body.replaceAll(TOKEN, SECRET);
  }
  if (place?.in === "body_json" && type === "application/json") {
    return body.replaceAll(/"a":"([^"]*)"/g, (field) => `"a":${field.slice(4).replaceAll(TOKEN, SECRET)}`);
  }
  if (place?.in === "form" && type.endsWith("urlencoded")) {
    return body.split("&").map((field) => field.startsWith("a=") ? field.replaceAll(TOKEN, SECRET) : field)
      .join("&");
  }
  return body;
}

Deno.test("property: a body gets its secret at the declared place only, and takes no token out", async () => {
  let sent = 0;
  let refused = 0;
  await fc.assert(
    fc.asyncProperty(fc.oneof(json, form, other), place, async ({ type, body }, place) => {
      const services = fakeServices();
      services.keyring.add({ type: "api_key", place, hosts: "api.test", token: TOKEN, value: SECRET });
      const head = {
        method: "POST",
        target: "https://api.test/",
        version: "1.1" as const,
        headers: new HeaderList([["Host", "api.test"], ["Content-Type", type]]),
      };
      const bytes = new Uint8Array(Buffer.from(body, "latin1"));
      const source = { length: bytes.length, trailers: null };
      const context = new RequestContext(head, new HeldBody(bytes, source, false));
      const expected = filled(type, body, place);
      const isClean = ![expected, decodeURIComponent(expected), unescapeJson(expected)].some((view) =>
        view.includes(TOKEN) ||
        [...view.matchAll(/[A-Za-z0-9]{16,}=*/g)].some(([run]) => atobOrNothing(run).includes(TOKEN))
      );
      try {
        await runSteps(context, services);
      } catch (error) {
        assert.ok(error instanceof Refusal && error.code === "misplaced_token", String(error));
        assert.ok(!isClean, `refused without a reason: ${body}`);
        assert.equal(services.keyring.handedOut.length, 0);
        refused++;
        return;
      }
      const out = Buffer.from((context.body as HeldBody).bytes).toString("latin1");
      assert.equal(out, expected);
      assert.ok(isClean, `a token went out: ${out}`);
      if (out.includes(SECRET)) sent++;
      wipeOutgoing(context);
      assert.ok(services.keyring.handedOut.every((secret) => secret.every((byte) => byte === 0)));
    }),
    { numRuns: CASES },
  );
  assert.ok(
    sent > CASES / 50 && refused > CASES / 10,
    `${sent} sent, ${refused} refused: the property shows nothing`,
  );
});

function unescapeJson(text: string): string {
  return text.replaceAll(/\\u00([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
}

function atobOrNothing(text: string): string {
  try {
    return atob(text);
  } catch {
    // Not Base64.
    return "";
  }
}
