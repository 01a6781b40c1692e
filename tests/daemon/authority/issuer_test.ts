import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { join } from "node:path";
import { utf8 } from "../../../src/core/bytes.ts";
import {
  AUTHORITY_DAYS,
  type AuthorityInfo,
  describeAuthority,
  Issuer,
  LEAF_DAYS,
  makeAuthority,
} from "../../../src/daemon/authority/issuer.ts";

const DAY_MS = 86_400_000;

async function authority(now = Date.now()): Promise<{ info: AuthorityInfo; issuer: Issuer }> {
  const pair = await makeAuthority(now);
  const info = describeAuthority(pair.certificate);
  return { info, issuer: await Issuer.create(info, pair.privateKey) };
}

async function inTempDir(test: (directory: string) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "wk-ca-" });
  try {
    await test(directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

async function run(command: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(command, { args, stdin: "null" }).output();
  const text = new TextDecoder();
  assert.equal(code, 0, `${command} ${args.join(" ")}: ${text.decode(stdout)}${text.decode(stderr)}`);
  return text.decode(stdout);
}

const HOSTS = [
  "api.openai.com",
  "localhost",
  "a_b.example",
  "xn--bcher-kva.example",
  "127.0.0.1",
  "203.0.113.200",
  "::1",
  "2001:db8::ff00:42:8329",
  `${"long-label-of-a-host.".repeat(8)}example`,
];

Deno.test("certificates of hosts and addresses pass openssl's strict verification for exactly that host", async () => {
  await inTempDir(async (directory) => {
    const { info, issuer } = await authority();
    const ca = join(directory, "ca.pem");
    await Deno.writeTextFile(ca, info.certificate);
    await run("openssl", "verify", "-x509_strict", "-CAfile", ca, ca);
    for (const host of HOSTS) {
      const leaf = join(directory, "leaf.pem");
      await Deno.writeTextFile(leaf, (await issuer.leafFor(host, Date.now())).certificate);
      const isAddress = /^[\d.]+$|:/.test(host);
      const named = [isAddress ? "-verify_ip" : "-verify_hostname", host];
      const strict = ["verify", "-x509_strict", "-check_ss_sig", "-purpose", "sslserver", "-CAfile", ca];
      await run("openssl", ...strict, ...named, leaf);
      const other = await new Deno.Command("openssl", {
        args: [...strict, "-verify_hostname", "other.example", leaf],
        stdin: "null",
      }).output();
      assert.notEqual(other.code, 0, `${host} passed for other.example`);
    }
  });
});

const PYTHON = `
import socket, ssl, sys, threading
ca, cert, key = sys.argv[1:4]
server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
server.load_cert_chain(cert, key)
for host in sys.argv[4:]:
    client = ssl.create_default_context(cafile=ca)
    client.verify_flags |= ssl.VERIFY_X509_STRICT
    a, b = socket.socketpair()
    def serve():
        try:
            server.wrap_socket(a, server_side=True).close()
        except ssl.SSLError:
            pass
    thread = threading.Thread(target=serve)
    thread.start()
    try:
        client.wrap_socket(b, server_hostname=host)
        print(host, "ok")
    except ssl.SSLError as error:
        print(host, error.verify_message if hasattr(error, "verify_message") else error)
    finally:
        b.close()
        thread.join()
`;

Deno.test("certificates pass Python's strict verification", async () => {
  await inTempDir(async (directory) => {
    const { info, issuer } = await authority();
    const file = (name: string) => join(directory, name);
    await Deno.writeTextFile(file("ca.pem"), info.certificate);
    for (const host of ["api.openai.com", "127.0.0.1", "::1"]) {
      const leaf = await issuer.leafFor(host, Date.now());
      await Deno.writeTextFile(file("leaf.pem"), leaf.certificate);
      await Deno.writeTextFile(file("leaf.key"), leaf.key);
      const files = [file("ca.pem"), file("leaf.pem"), file("leaf.key")];
      const said = await run("python3", "-c", PYTHON, ...files, host, "other.example");
      const [own = "", other = ""] = said.trim().split("\n");
      assert.equal(own, `${host} ok`);
      assert.match(other, /other\.example .*(?:mismatch|not valid)/i);
    }
  });
});

Deno.test("a certificate says what it must, and nothing that would let it sign others", async () => {
  await inTempDir(async (directory) => {
    const { info, issuer } = await authority();
    const leaf = await issuer.leafFor("api.test", Date.now());
    await Deno.writeTextFile(join(directory, "leaf.pem"), leaf.certificate);
    const text = await run("openssl", "x509", "-in", join(directory, "leaf.pem"), "-noout", "-text");
    for (
      const part of [
        /Version: 3/,
        /ecdsa-with-SHA256/,
        /X509v3 Basic Constraints: critical\s+CA:FALSE/,
        /X509v3 Key Usage: critical\s+Digital Signature\n/,
        /X509v3 Extended Key Usage: \s+TLS Web Server Authentication/,
        /X509v3 Subject Alternative Name: \s+DNS:api\.test\n/,
        /X509v3 Subject Key Identifier/,
        /X509v3 Authority Key Identifier/,
      ]
    ) assert.match(text, part);
    await Deno.writeTextFile(join(directory, "ca.pem"), info.certificate);
    const ca = await run("openssl", "x509", "-in", join(directory, "ca.pem"), "-noout", "-text");
    assert.match(ca, /X509v3 Basic Constraints: critical\s+CA:TRUE, pathlen:0/);
    assert.match(ca, /X509v3 Key Usage: critical\s+Certificate Sign, CRL Sign/);
  });
});

Deno.test("serial numbers are positive, differ, and are as short as their value", async () => {
  const { issuer } = await authority();
  const serials = new Set<string>();
  for (let i = 0; i < 50; i++) {
    const { certificate } = await issuer.leafFor("api.test", Date.now());
    const { serialNumber } = new X509Certificate(certificate);
    assert.match(serialNumber, /^[4-7][0-9a-f]{31}$/i);
    serials.add(serialNumber);
  }
  assert.equal(serials.size, 50);
});

Deno.test("a certificate begins before now and lasts less than 397 days, but never longer than its authority", async () => {
  const now = Date.UTC(2026, 10, 24);
  const { info, issuer } = await authority(now);
  const times = async (at: number) => {
    const { certificate, renewAt } = await issuer.leafFor("api.test", at);
    const { validFrom, validTo } = new X509Certificate(certificate);
    return { from: Date.parse(validFrom), to: Date.parse(validTo), renewAt };
  };
  const usual = await times(now + 100 * DAY_MS);
  assert.equal(usual.from, now + 99 * DAY_MS);
  assert.equal(usual.to, now + (100 + LEAF_DAYS) * DAY_MS);
  assert.ok(usual.to - usual.from < 397 * DAY_MS);
  assert.ok(usual.renewAt > now + 100 * DAY_MS && usual.renewAt < usual.to);
  const late = now + (AUTHORITY_DAYS - 2) * DAY_MS;
  const last = await times(late);
  assert.equal(last.to, info.notAfter);
  assert.ok(last.renewAt > late && last.renewAt <= last.to);
});

Deno.test("the certificates of one process share a key that no other process has", async () => {
  const pair = await makeAuthority(Date.now());
  const info = describeAuthority(pair.certificate);
  const one = await Issuer.create(info, pair.privateKey);
  const two = await Issuer.create(info, pair.privateKey);
  const key = async (issuer: Issuer, host: string) => (await issuer.leafFor(host, Date.now())).key;
  assert.equal(await key(one, "a.test"), await key(one, "b.test"));
  assert.notEqual(await key(one, "a.test"), await key(two, "a.test"));
  assert.ok(!utf8(await key(one, "a.test")).toHex().includes(pair.privateKey.toHex()));
});
