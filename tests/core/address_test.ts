import assert from "node:assert/strict";
import fc from "fast-check";
import { type AddressKind, addressKind, parseIPv6 } from "../../src/core/address.ts";

Deno.test("addresses are told apart as the registries do", () => {
  const table: [string, AddressKind][] = [
    ["8.8.8.8", "public"],
    ["127.0.0.1", "loopback"],
    ["127.255.255.255", "loopback"],
    ["0.0.0.0", "unspecified"],
    ["0.1.2.3", "unspecified"],
    ["10.1.2.3", "private"],
    ["172.16.0.1", "private"],
    ["172.31.255.255", "private"],
    ["172.32.0.1", "public"],
    ["192.168.1.1", "private"],
    ["100.64.0.1", "private"],
    ["100.100.100.200", "metadata"],
    ["169.254.1.1", "link_local"],
    ["169.254.169.254", "metadata"],
    ["224.0.0.1", "multicast"],
    ["255.255.255.255", "reserved"],
    ["::", "unspecified"],
    ["::1", "loopback"],
    ["::ffff:127.0.0.1", "loopback"],
    ["::ffff:7f00:1", "loopback"],
    ["::ffff:169.254.169.254", "metadata"],
    ["::127.0.0.1", "loopback"],
    ["64:ff9b::a9fe:a9fe", "metadata"],
    ["64:ff9b::8.8.8.8", "public"],
    ["2002:7f00:1::", "loopback"],
    ["fe80::1", "link_local"],
    ["fe80::1%eth0", "link_local"],
    ["fd00:ec2::254", "metadata"],
    ["fd12::1", "private"],
    ["ff02::1", "multicast"],
    ["2606:4700::1111", "public"],
    ["2001:db8::1", "reserved"],
    ["100::1", "reserved"],
    ["nonsense", "reserved"],
    ["1:2:3", "reserved"],
    ["::1::2", "reserved"],
    ["256.1.1.1", "reserved"],
  ];
  for (const [address, kind] of table) assert.equal(addressKind(address), kind, address);
});

Deno.test("property: eight groups of any spelling are read as the URL parser reads them", () => {
  fc.assert(fc.property(fc.ipV6(), (text) => {
    const compressed = new URL(`http://[${text}]/`).hostname.slice(1, -1);
    assert.deepEqual(parseIPv6(text), parseIPv6(compressed));
    assert.equal(parseIPv6(text)?.length, 8);
  }));
});
