/**
 * Secrets and tokens that are chosen to confuse the swap: a token that begins another, a secret that holds a token, several
 * tokens in one request, a secret with line breaks or separators in it.
 */

import assert from "node:assert/strict";
import { get, parse, send, withProxy, type World } from "../proxy/harness.ts";

/** One replacement after the other over the whole text, as such programs are written first. */
function swapInTurn(text: string, swaps: readonly (readonly [string, string])[]): string {
  return swaps.reduce((swapped, [token, secret]) => swapped.replaceAll(token, secret), text);
}

const query = (name: string) => ({ type: "query_param", place: { in: "query", name } }) as const;

async function ask({ port, upstream }: World, path: string, ...fields: string[]) {
  const target = `/to/http/127.0.0.1:${upstream.port}${path}`;
  return parse(await send(port, get(target, `Host: 127.0.0.1:${port}`, ...fields)));
}

Deno.test("a token that begins another one does not stand in for it", () =>
  withProxy(async (world) => {
    const hosts = `127.0.0.1:${world.upstream.port}`;
    keep(world, { name: "a", hosts, token: "wk_a_01234567", value: "SECRET-OF-A", ...query("one") });
    keep(world, { name: "b", hosts, token: "wk_a_0123456789abcdef", value: "SECRET-OF-B", ...query("two") });
    const path = "/?one=wk_a_01234567&two=wk_a_0123456789abcdef";
    const naive = swapInTurn(path, [["wk_a_01234567", "SECRET-OF-A"], [
      "wk_a_0123456789abcdef",
      "SECRET-OF-B",
    ]]);
    assert.ok(naive.includes("two=SECRET-OF-A89abcdef"), "a naive swap puts the wrong one in");
    assert.equal((await ask(world, path)).status, 200);
    assert.match(world.upstream.received[0] ?? "", /^GET \/\?one=SECRET-OF-A&two=SECRET-OF-B HTTP/);
  }));

Deno.test("a secret that holds another credential's token brings no second secret along", () =>
  withProxy(async (world) => {
    const hosts = `127.0.0.1:${world.upstream.port}`;
    const inner = keep(world, { name: "inner", hosts: "other.test", value: "SECRET-OF-OTHER-HOST" });
    const outer = keep(world, { name: "outer", hosts, value: `x${inner}y` });
    const naive = swapInTurn(`Bearer ${outer}`, [[outer, `x${inner}y`], [inner, "SECRET-OF-OTHER-HOST"]]);
    assert.ok(naive.includes("SECRET-OF-OTHER-HOST"), "a naive swap sends what is for another host");
    await ask(world, "/", `Authorization: Bearer ${outer}`);
    const [sent = ""] = world.upstream.received;
    assert.ok(sent.includes(`Authorization: Bearer x${inner}y\r\n`), sent);
    assert.ok(!sent.includes("SECRET-OF-OTHER-HOST"));
    assert.equal(
      world.keyring.handedOut.filter((bytes) => bytes.length === "SECRET-OF-OTHER-HOST".length).length,
      0,
    );
  }));

Deno.test("of several tokens in one request each gets its own secret or none goes out", () =>
  withProxy(async (world) => {
    const hosts = `127.0.0.1:${world.upstream.port}`;
    const one = keep(world, { name: "one", hosts, value: "SECRET-ONE" });
    const two = keep(world, { name: "two", hosts, value: "SECRET-TWO", ...query("k") });
    const stranger = keep(world, {
      name: "stranger",
      hosts: "other.test",
      value: "SECRET-THREE",
      ...query("s"),
    });
    // Each replacement begun from the original text: the last one wins, the others are passed on as tokens.
    const text = `${one} ${two}`;
    const naive = [text.replace(one, "SECRET-ONE"), text.replace(two, "SECRET-TWO")].at(-1);
    assert.ok(naive?.includes(one));
    assert.equal((await ask(world, `/?k=${two}`, `Authorization: Bearer ${one}`)).status, 200);
    const [sent = ""] = world.upstream.received;
    assert.ok(sent.includes("k=SECRET-TWO") && sent.includes("Bearer SECRET-ONE"), sent);
    world.upstream.received.length = 0;
    const both = await ask(world, "/", `Authorization: Bearer ${one} ${two}`);
    const led = await ask(world, `/?s=${stranger}`, `Authorization: Bearer ${one}`);
    assert.deepEqual([both.status, led.status], [403, 403]);
    assert.deepEqual(world.upstream.received, []);
  }));

Deno.test("line breaks in a secret make no field, separators no parameter", () =>
  withProxy(async (world) => {
    const hosts = `127.0.0.1:${world.upstream.port}`;
    const evil = "x\r\nHost: evil.test\r\nX-Admin: yes";
    const header = keep(world, { name: "header", hosts, value: evil });
    const parameter = keep(world, { name: "parameter", hosts, value: "x&admin=1#\r\n", ...query("k") });
    const naive = swapInTurn(`Authorization: Bearer ${header}`, [[header, evil]]);
    assert.ok(naive.split("\r\n").includes("X-Admin: yes"), "a naive swap makes fields of it");
    const refused = await ask(world, "/", `Authorization: Bearer ${header}`);
    assert.ok(refused.status >= 400 && !refused.body.includes("X-Admin"), refused.body);
    assert.deepEqual(world.upstream.received, [], "nor does it go out as the token, as if it had been used");
    assert.equal((await ask(world, `/?k=${parameter}`)).status, 200);
    assert.match(world.upstream.received[0] ?? "", /^GET \/\?k=x%26admin%3D1%23%0D%0A HTTP/);
  }));

function keep({ keyring }: World, given: Parameters<World["keyring"]["add"]>[0]): string {
  return keyring.add(given).token;
}
