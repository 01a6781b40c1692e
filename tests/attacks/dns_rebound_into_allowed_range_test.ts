/**
 * The attacker owns the DNS of a name that lies within a credential's wildcard, and the owner has opened one private address by
 * `proxy.allow_private`. The name first resolves to what is allowed, and to a victim inside the network when it is
 * dialled; or from the start to something no rule names.
 */

import assert from "node:assert/strict";
import { defaultSettings } from "../../src/core/settings.ts";
import { networkOf } from "../../src/proxy/network.ts";
import { OK, parse, rawServer, readSome, send, withProxy, writeAll } from "../proxy/harness.ts";

const ALLOWED = "127.0.0.2";
const VICTIM = "127.0.0.1";

/** Answers `ALLOWED` once, `VICTIM` ever after. */
function rebindingName(): { resolve: () => Promise<string[]>; lookups: () => number } {
  let lookups = 0;
  return { resolve: () => Promise.resolve([lookups++ === 0 ? ALLOWED : VICTIM]), lookups: () => lookups };
}

/** Checks one lookup and dials another, as programs do that check a name and then hand the name on. */
async function naively(resolve: () => Promise<string[]>, port: number): Promise<void> {
  if ((await resolve())[0] !== ALLOWED) throw new Error("refused");
  const connection = await Deno.connect({ hostname: (await resolve())[0] ?? "", port });
  await writeAll(connection, "GET / HTTP/1.1\r\n\r\n");
  await readSome(connection);
  connection.close();
}

function victim() {
  return rawServer(async (connection, received) => {
    received.push(await readSome(connection) ?? "");
    await writeAll(connection, OK);
  });
}

function opened(allowPrivate: readonly string[]) {
  return networkOf({ ...defaultSettings(), "proxy.allow_private": allowPrivate });
}

Deno.test("a name that changes between check and dial reaches what was checked, and is asked once", async () => {
  const inside = victim();
  const naive = rebindingName();
  await naively(naive.resolve, inside.port);
  assert.equal(inside.received.length, 1, "the attack does not even work against a naive proxy");
  inside.received.length = 0;

  const network = opened([ALLOWED]);
  const name = rebindingName();
  await withProxy(async ({ keyring, port }) => {
    const { token } = keyring.add({ hosts: `http://*.api.test:${inside.port}` });
    const answer = parse(await ask(port, `http://evil.api.test:${inside.port}/`, token));
    assert.equal(answer.status, 502, "nobody listens at the address that was checked");
    assert.equal(name.lookups(), 1);
  }, { network: () => network, resolve: name.resolve });
  assert.deepEqual(inside.received, [], "the victim heard nothing");
  await inside.close();
});

Deno.test("what no rule names stays closed, whichever other rules there are", async () => {
  const inside = victim();
  for (
    const allowPrivate of [[], [ALLOWED], [`${VICTIM}:1`], ["10.0.0.0/8"], ["evil.api.test"], ["api.test"]]
  ) {
    const network = opened(allowPrivate);
    await withProxy(async ({ keyring, port }) => {
      const { token } = keyring.add({ hosts: `http://*.api.test:${inside.port}` });
      const { status, headers } = parse(await ask(port, `http://evil.api.test:${inside.port}/`, token));
      assert.deepEqual(
        [status, headers.get("x-wispkey-error")],
        [403, "address_refused"],
        allowPrivate.join(),
      );
    }, { network: () => network, resolve: () => Promise.resolve([VICTIM]) });
  }
  assert.deepEqual(inside.received, []);
  await inside.close();
});

Deno.test("a kept connection to an address that was opened is not used once it is closed again", async () => {
  const inside = victim();
  let network = opened([VICTIM]);
  await withProxy(async ({ keyring, port }) => {
    const { token } = keyring.add({ hosts: `http://*.api.test:${inside.port}` });
    const url = `http://git.api.test:${inside.port}/`;
    assert.equal(parse(await ask(port, url, token)).status, 200);
    network = opened([]);
    assert.equal(parse(await ask(port, url, token)).status, 403);
  }, { network: () => network, resolve: () => Promise.resolve([VICTIM]) });
  assert.equal(inside.received.length, 1);
  await inside.close();
});

function ask(port: number, url: string, token: string): Promise<string> {
  return send(
    port,
    [
      "GET / HTTP/1.1",
      `Host: 127.0.0.1:${port}`,
      `X-Target-Url: ${url}`,
      `Authorization: Bearer ${token}`,
      "Connection: close",
      "",
      "",
    ].join("\r\n"),
  );
}
