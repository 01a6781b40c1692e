import assert from "node:assert/strict";
import { exemptHosts } from "../../../src/proxy/tunnel/exempt_hosts.ts";
import { OncePerHost } from "../../../src/proxy/tunnel/once_per_host.ts";

Deno.test("a thing is said once for each host, and again only after the time that was set", () => {
  let now = 0;
  const said = new OncePerHost(1_000, () => now);
  assert.deepEqual(["a", "b", "a"].map((host) => said.shouldSay(host)), [true, true, false]);
  now = 999;
  assert.equal(said.shouldSay("a"), false);
  now = 1_000;
  assert.equal(said.shouldSay("a"), true);
});

Deno.test("very many hosts are forgotten, the oldest first", () => {
  const said = new OncePerHost();
  for (let i = 0; i < 2_000; i++) assert.equal(said.shouldSay(`host-${i}`), true);
  assert.equal(said.shouldSay("host-1999"), false);
  assert.equal(said.shouldSay("host-0"), true);
});

Deno.test("an exempt name means what is below it, too; ports and ranges are respected", () => {
  const isExempt = exemptHosts(["bank.test", "api.test:8443", "10.0.0.0/8"]);
  const cases: [string, number, boolean][] = [
    ["bank.test", 443, true],
    ["www.bank.test", 8443, true],
    ["notbank.test", 443, false],
    ["api.test", 443, false],
    ["api.test", 8443, true],
    ["10.1.2.3", 443, true],
    ["11.1.2.3", 443, false],
  ];
  for (const [host, port, expected] of cases) assert.equal(isExempt(host, port), expected, `${host}:${port}`);
  assert.equal(exemptHosts([])("bank.test", 443), false);
});
