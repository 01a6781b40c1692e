import assert from "node:assert/strict";
import { guardAddress, guardProxyAddress, type Reach } from "../../src/proxy/address_guard.ts";
import { networkOf } from "../../src/proxy/network.ts";

const LISTENER = { port: 7700 };

function codeOf(
  address: string,
  port: number,
  reach: Reach,
  { host = "api.test", allowPrivate = "" } = {},
): string | null {
  const network = networkOf({
    "proxy.upstream": "",
    "proxy.no_proxy": [],
    "proxy.extra_ca": [],
    "proxy.allow_private": allowPrivate === "" ? [] : allowPrivate.split(","),
  });
  try {
    guardAddress({ host, port, address }, reach, LISTENER, network);
    return null;
  } catch (error) {
    assert.ok(error instanceof Error && "code" in error && typeof error.code === "string");
    return error.code;
  }
}

Deno.test("an address is judged by what the request may reach", () => {
  const rows: [address: string, publicReach: string | null, plain: string | null][] = [
    ["8.8.8.8", null, null],
    ["2606:4700::1111", null, null],
    ["10.0.0.1", "address_refused", null],
    ["192.168.1.1", "address_refused", null],
    ["fd12::1", "address_refused", null],
    ["127.0.0.1", "address_refused", null],
    ["::1", "address_refused", null],
    ["0.0.0.0", "address_refused", null],
    ["224.0.0.1", "address_refused", null],
    ["169.254.169.254", "address_refused", "address_refused"],
    ["169.254.1.1", "address_refused", "address_refused"],
    ["fe80::1", "address_refused", "address_refused"],
    ["fd00:ec2::254", "address_refused", "address_refused"],
    ["::ffff:169.254.169.254", "address_refused", "address_refused"],
    ["64:ff9b::a9fe:a9fe", "address_refused", "address_refused"],
    ["no address", "address_refused", null],
  ];
  for (const [address, publicReach, plain] of rows) {
    assert.equal(codeOf(address, 443, "public"), publicReach, address);
    assert.equal(codeOf(address, 443, "plain"), plain, address);
    assert.equal(codeOf(address, 443, "exact"), null, address);
  }
});

Deno.test("our own port on this machine is a loop whatever the request may reach", () => {
  for (const reach of ["public", "exact", "plain"] as const) {
    for (const address of ["127.0.0.1", "127.5.5.5", "::1", "0.0.0.0", "::", "::ffff:127.0.0.1"]) {
      assert.equal(codeOf(address, 7700, reach), "loop", `${reach} ${address}`);
    }
    assert.notEqual(codeOf("8.8.8.8", 7700, reach), "loop");
  }
});

Deno.test("what proxy.allow_private names by address is opened, whatever kind it is, and nothing beside it", () => {
  const allowPrivate = "10.0.0.0/8,169.254.1.0/24,fd12::1";
  for (const reach of ["public", "plain"] as const) {
    for (const address of ["10.9.8.7", "169.254.1.9", "fd12::1", "::ffff:10.1.1.1"]) {
      assert.equal(codeOf(address, 443, reach, { allowPrivate }), null, address);
    }
    assert.equal(codeOf("169.254.169.254", 443, reach, { allowPrivate }), "address_refused");
  }
  for (const address of ["192.168.1.1", "fd12::2", "127.0.0.1"]) {
    assert.equal(codeOf(address, 443, "public", { allowPrivate }), "address_refused", address);
  }
  assert.equal(codeOf("10.1.1.1", 80, "public", { allowPrivate: "10.1.1.1:8080" }), "address_refused");
  assert.equal(codeOf("127.0.0.1", 7700, "public", { allowPrivate: "127.0.0.0/8" }), "loop");
});

Deno.test("a name in proxy.allow_private opens private addresses to that very name, not what its DNS says else", () => {
  const allowPrivate = "git.corp.test";
  const git = { host: "git.corp.test", allowPrivate };
  assert.equal(codeOf("10.1.1.1", 443, "public", git), null);
  for (const address of ["169.254.169.254", "169.254.1.1", "127.0.0.1", "0.0.0.0", "fd00:ec2::254"]) {
    assert.equal(codeOf(address, 443, "public", git), "address_refused", address);
  }
  for (const host of ["evil.git.corp.test", "corp.test", "git.corp.test.evil.test"]) {
    assert.equal(codeOf("10.1.1.1", 443, "public", { host, allowPrivate }), "address_refused", host);
  }
});

Deno.test("the upstream proxy may be anywhere but our own listener", () => {
  for (const address of ["10.0.0.1", "127.0.0.1", "8.8.8.8"]) guardProxyAddress(address, 3128, LISTENER);
  for (const address of ["127.0.0.1", "::1", "0.0.0.0"]) {
    assert.throws(() => guardProxyAddress(address, 7700, LISTENER), { code: "loop" });
  }
});
