/**
 * Whatever a request looks like, a secret leaves only for its own hosts and only in its own place. Requests are made up at
 * random; a second, simpler reading of the rules judges what the pipeline did.
 *
 * @module
 */

import assert from "node:assert/strict";
import fc from "fast-check";
import { wipeOutgoing } from "../../src/proxy/steps/inject.ts";
import { noteDenial, runSteps } from "../../src/proxy/pipeline.ts";
import { contextOf, fakeServices } from "./fakes.ts";
import { get, parse, send, withProxy } from "./harness.ts";

const SECRET = "S3CRET!value";
const TOKEN = "wk_key_0123456789abcdef";
const text = (value: string | Uint8Array): string =>
  typeof value === "string" ? value : Array.from(value, (byte) => String.fromCharCode(byte)).join("");

// Mostly well formed, so that enough requests are allowed to show something; the rest is what a thief would try.
const around = fc.constantFrom(
  "",
  "x",
  " ",
  "/",
  "%20",
  "=",
  "&",
  "wk_",
  "Bearer ",
  "basic ",
  "Token ",
  ";",
  ",",
  '"',
);
const odd = fc.tuple(around, fc.constantFrom(TOKEN, btoa(`u:${TOKEN}`), btoa(`${TOKEN}:`), "plain"), around)
  .map((parts) => parts.join(""));
const mostly = <A, B>(good: fc.Arbitrary<A>, bad: fc.Arbitrary<B>): fc.Arbitrary<A | B> =>
  fc.oneof({ weight: 4, arbitrary: good }, { weight: 1, arbitrary: bad });
const holding = mostly(fc.constantFrom(TOKEN, `Bearer ${TOKEN}`, `Basic ${btoa(`u:${TOKEN}`)}`), odd);
const name = fc.constantFrom(
  "Cookie",
  "Proxy-Authorization",
  "User-Agent",
  "X-Forwarded-Host",
  TOKEN,
  "X-Api-Key",
);
const header = mostly(
  fc.tuple(fc.constantFrom("Authorization", "authorization", "X-Api-Key"), holding),
  fc.tuple(name, fc.oneof(holding, fc.constant("plain"))),
);
const pair = fc.tuple(
  fc.constantFrom("key", "api_key", "q", TOKEN),
  fc.oneof(fc.constantFrom(TOKEN, "plain"), odd),
);
const query = mostly(
  fc.constant(""),
  fc.array(pair, { minLength: 1, maxLength: 2 })
    .map((pairs) => `?${pairs.map(([k, v]) => `${k}=${v.replaceAll(" ", "+")}`).join("&")}`),
);
const host = mostly(
  fc.constantFrom("api.test", "API.test.", "api.test:443"),
  fc.constantFrom("api.test", "api.test:8443", "evil.test", "api.test.evil.test", "xapi.test", "127.0.0.1:9"),
);
const scheme = fc.constantFrom("https", "HTTPS", "https", "http");
const path = mostly(
  fc.constantFrom("/", "/v1", "/v1/../x"),
  fc.constantFrom(`/${TOKEN}`, `/a;${TOKEN}`, "/"),
);
const type = fc.constantFrom("bearer_token", "api_key", "basic_auth");

Deno.test("property: a secret leaves only for its host, only in its place, and only with a row in the log", async () => {
  let injected = 0;
  await fc.assert(
    fc.asyncProperty(
      type,
      scheme,
      host,
      path,
      query,
      fc.array(header, { maxLength: 2 }),
      async (type, scheme, host, path, query, headers) => {
        const services = fakeServices();
        const value = type === "basic_auth" ? `user:${SECRET}` : SECRET;
        services.keyring.add({ name: "k", type, hosts: "api.test", token: TOKEN, value });
        const context = contextOf("GET", `${scheme}://${host}${path}${query}`, [["Host", host], ...headers]);
        let sent = false;
        try {
          await runSteps(context, services);
          sent = true;
        } catch (error) {
          noteDenial(context, services, error);
        }
        const target = text(context.outgoing.target);
        const fields = context.outgoing.headers.map(({ name, value }) =>
          [name.toLowerCase(), text(value)] as const
        );
        const whole = JSON.stringify([target, fields, fields.map(([, value]) => decoded(value))]);
        const out = whole.includes(SECRET) || target.includes(encodeURIComponent(SECRET));
        if (!sent) assert.ok(!out, "a refused request holds the secret");
        if (out) {
          injected++;
          assert.equal(context.target.host, "api.test");
          assert.deepEqual([context.target.scheme, context.target.port], ["https", 443]);
          assert.ok(!whole.includes(TOKEN), "a token went out beside the secret");
          assert.equal(services.audit.rows[0]?.event, "CredentialUsed");
          assert.ok(!context.target.path.includes(SECRET));
          for (const [name, value] of fields) {
            if (!value.includes(SECRET) && !decoded(value).includes(SECRET)) continue;
            const allowed = type === "api_key" ? /^(authorization|x-api-key)$/ : /^authorization$/;
            assert.match(name, allowed);
          }
          if (type !== "api_key") assert.ok(!target.includes(encodeURIComponent(SECRET)));
        }
        if (sent && !out) {
          assert.ok(!whole.includes(TOKEN), "a token was passed on");
        }
        const log = JSON.stringify(services.audit.rows);
        assert.ok(!log.includes(TOKEN) && !log.includes(SECRET) && !log.includes("?"));
        wipeOutgoing(context);
        for (const bytes of [...services.keyring.handedOut, ...context.outgoing.secrets]) {
          assert.ok(
            bytes.every((b) => b === 0),
          );
        }
      },
    ),
    { numRuns: 3000 },
  );
  assert.ok(injected > 100, `only ${injected} requests were allowed: the property shows nothing`);
});

function decoded(value: string): string {
  try {
    return atob(value.slice(value.lastIndexOf(" ") + 1));
  } catch {
    // Not Base64, so nothing is hidden in it.
    return "";
  }
}

Deno.test("many credentials at once never get mixed up", () =>
  withProxy(async ({ keyring, port, upstream }) => {
    const host = `127.0.0.1:${upstream.port}`;
    const all = Array.from(
      { length: 40 },
      (_, i) => keyring.add({ name: `k${i}`, hosts: host, value: `secret-${i}-end` }),
    );
    const answers = await Promise.all(
      all.map(({ token }, i) =>
        send(port, get(`/to/http/${host}/${i}`, `Host: 127.0.0.1:${port}`, `Authorization: Bearer ${token}`))
      ),
    );
    assert.ok(answers.every((answer) => parse(answer).status === 200));
    assert.equal(upstream.received.length, 40);
    for (const request of upstream.received) {
      const number = /^GET \/(\d+) /.exec(request)?.[1];
      assert.ok(request.includes(`Authorization: Bearer secret-${number}-end\r\n`), request);
    }
  }));

Deno.test("a request hidden behind another is not carried with its secret", () =>
  withProxy(async ({ keyring, port, upstream }) => {
    const host = `127.0.0.1:${upstream.port}`;
    const { token } = keyring.add({ hosts: host, value: SECRET });
    const hidden = `GET /hidden HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
    const start =
      `POST /to/http/${host}/ HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer ${token}\r\n`;
    const smuggled = [
      `${start}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`,
      `${start}Content-Length: 0\r\nContent-Length: ${hidden.length}\r\n\r\n${hidden}`,
      `${start}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${hidden}`,
      `${start}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n${hidden}`,
      `${start} folded\r\n\r\n${hidden}`,
      `${start}X: a\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`,
    ];
    for (const request of smuggled) {
      const answer = parse(await send(port, request));
      assert.equal(answer.status, 400, request);
    }
    assert.deepEqual(upstream.received, []);
    assert.equal(keyring.handedOut.length, 0);
  }));
