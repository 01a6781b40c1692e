import assert from "node:assert/strict";
import { guardAddress, type Reach } from "../../src/proxy/address_guard.ts";

const LISTENER = { port: 7700 };

function codeOf(address: string, port: number, reach: Reach): string | null {
  try {
    guardAddress(address, port, reach, LISTENER);
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
