import assert from "node:assert/strict";
import { utf8 } from "../../src/core/bytes.ts";
import type { CredentialType } from "../../src/core/credential.ts";
import { DeniedError } from "../../src/core/errors.ts";
import { type MatchableTarget, parseHostList } from "../../src/core/host_pattern.ts";
import { ScrubSets } from "../../src/daemon/scrub_sets.ts";
import type { ProxyCredential } from "../../src/proxy/ports.ts";

interface Kept {
  credential: ProxyCredential;
  value: string | null;
}

function keep(
  name: string,
  hosts: string,
  value: string | null,
  type: CredentialType = "bearer_token",
): Kept {
  const credential: ProxyCredential = {
    id: name,
    name,
    project: "default",
    type,
    place: null,
    hosts: parseHostList(hosts, { allowPublicSuffix: true }),
    token: `wk_${name}_a7x9m2k4a7x9m2k4`,
    tokenFingerprint: "0123456789abcdef",
  };
  return { credential, value };
}

/** Sets over rows, counting how often each secret is opened; null as value is a row that was tampered with. */
function setsOver(rows: Kept[]) {
  const opened: Uint8Array[] = [];
  const sets = new ScrubSets({
    credentials: () => rows.map(({ credential }) => credential),
    open: ({ id }) => {
      const value = rows.find(({ credential }) => credential.id === id)?.value;
      if (typeof value !== "string") throw new DeniedError("changed", { code: "credential_tampered" });
      const bytes = utf8(value);
      opened.push(bytes);
      return bytes;
    },
  });
  return { sets, opened };
}

function to(host: string, extra: Partial<MatchableTarget> = {}): MatchableTarget {
  return { scheme: "https", host, port: 443, path: "/", ...extra };
}

/** Names of those whose secrets are found in a text. */
function foundIn(set: ReturnType<ScrubSets["take"]>, text: string): string[] {
  const bytes = utf8(text);
  const names = (set?.find(bytes, bytes.length, -1) ?? []).map(({ pattern }) => set!.ownerOf(pattern).name);
  return [...new Set(names)].sort();
}

const A = "secret-of-a-0123456789";
const B = "secret-of-b-0123456789";

Deno.test("a host is searched for every secret it may receive, by any path, port or scheme, and for no other", () => {
  const { sets } = setsOver([
    keep("a", "api.test/v1/**", A),
    keep("b", "*.test:8443", B),
    keep("c", "other.example", "secret-of-c-0123456789"),
  ]);
  const text = `${A} ${B} secret-of-c-0123456789`;
  assert.deepEqual(foundIn(sets.take(to("api.test", { path: "/v2" }), []), text), ["a", "b"]);
  assert.deepEqual(foundIn(sets.take(to("api.test", { scheme: "http", port: 80 }), []), text), ["a", "b"]);
  assert.deepEqual(foundIn(sets.take(to("www.test"), []), text), ["b"]);
  assert.equal(sets.take(to("test.elsewhere"), []), null);
});

Deno.test("on loopback each port is a host of its own, and '*' does not reach it", () => {
  const { sets } = setsOver([keep("a", "127.0.0.1:8000", A), keep("b", "*", B)]);
  const local = (port: number) => to("127.0.0.1", { scheme: "http", port });
  assert.deepEqual(foundIn(sets.take(local(8000), []), `${A} ${B}`), ["a"]);
  assert.equal(sets.take(local(8001), []), null);
  assert.deepEqual(foundIn(sets.take(to("any.test"), []), `${A} ${B}`), ["b"]);
});

Deno.test("secrets are opened once for all hosts with the same credentials, and every opened one is wiped", () => {
  const { sets, opened } = setsOver([keep("a", "*.test", A)]);
  const first = sets.take(to("one.test"), []);
  const count = opened.length;
  assert.equal(sets.take(to("two.test"), []), first);
  assert.equal(sets.take(to("one.test"), []), first);
  assert.equal(opened.length, count);
  for (const bytes of opened) assert.ok(bytes.every((byte) => byte === 0));
});

Deno.test("clearing wipes what nobody uses; what is in use goes on until it is let go", () => {
  const { sets } = setsOver([keep("a", "api.test", A), keep("b", "b.test", B)]);
  const idle = sets.take(to("api.test"), [])!;
  idle.release();
  const used = sets.take(to("b.test"), [])!;
  sets.clear();
  assert.equal(idle.released, true);
  assert.deepEqual(foundIn(used, B), ["b"]);
  used.release();
  assert.equal(used.released, true);
  assert.notEqual(sets.take(to("b.test"), []), used);
});

Deno.test("a row that was tampered with is passed over", () => {
  const { sets } = setsOver([keep("a", "api.test", A), keep("b", "api.test", null)]);
  assert.deepEqual(foundIn(sets.take(to("api.test"), []), `${A} ${B}`), ["a"]);
  assert.equal(setsOver([keep("b", "api.test", null)]).sets.take(to("api.test"), []), null);
});

Deno.test("a value under 16 bytes is looked for only if the request carried its token", () => {
  const short = keep("short", "api.test", "hunter2-pin");
  const pair = keep("pair", "api.test", "a-user-name:pass-word", "basic_auth");
  const { sets } = setsOver([keep("a", "api.test", A), short, pair]);
  const text = `${A} hunter2-pin pass-word a-user-name:pass-word`;
  assert.deepEqual(foundIn(sets.take(to("api.test"), []), text), ["a", "pair"]);
  assert.deepEqual(foundIn(sets.take(to("api.test"), []), "pass-word"), []);
  assert.deepEqual(foundIn(sets.take(to("api.test"), [short.credential]), text), ["a", "pair", "short"]);
  assert.deepEqual(foundIn(sets.take(to("api.test"), [pair.credential]), "pass-word hunter2-pin"), ["pair"]);
  assert.equal(
    sets.take(to("api.test"), [short.credential]),
    sets.take(to("api.test"), [short.credential]),
    "compiled once",
  );
});

Deno.test("more hosts than are remembered are searched all the same", () => {
  const { sets } = setsOver([keep("a", "*.test", A)]);
  for (let i = 0; i < 1_100; i++) {
    const set = sets.take(to(`h${i}.test`), []);
    assert.ok(set !== null);
    set.release();
  }
  assert.deepEqual(foundIn(sets.take(to("h0.test"), []), A), ["a"]);
});
