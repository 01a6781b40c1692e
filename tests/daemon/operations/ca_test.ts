import assert from "node:assert/strict";
import { operationContext } from "../operation_context.ts";
import { fromUtf8, utf8, wipe } from "../../../src/core/bytes.ts";
import { makeAuthority } from "../../../src/daemon/authority/issuer.ts";
import { readAuthority, writeAuthority } from "../../../src/daemon/authority/stored.ts";
import { LocalAuthority } from "../../../src/daemon/authority/local_authority.ts";
import { DirectClient } from "../../../src/daemon/direct.ts";
import { runOperation, type Trust } from "../../../src/daemon/service.ts";
import { CallerRegistry } from "../../../src/daemon/callers.ts";
import type { OperationContext } from "../../../src/daemon/operations/types.ts";
import { Vault } from "../../../src/vault/mod.ts";
import { CHEAP_KDF } from "../../vault/cheap_kdf.ts";

const PASSWORD = utf8("a master password");

async function withVault(test: (vault: Vault, directory: string) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "wk-ca-op-" });
  const vault = await Vault.create(`${directory}/vault`, PASSWORD, CHEAP_KDF);
  try {
    await test(vault, `${directory}/vault`);
  } finally {
    vault.close();
    await Deno.remove(directory, { recursive: true });
  }
}

function contextOf(vault: Vault, authorityChanged = () => {}): OperationContext {
  return {
    ...operationContext(vault),
    authorityChanged,
    callers: () => new CallerRegistry({ vault, note: () => {}, requireCaller: () => false }),
  };
}

const CALLER: Trust = { kind: "caller", proof: undefined, takeNonce: () => true };
const NOTHING = new Uint8Array(0);

Deno.test("the authority is made once, and told with the paths of two files that hold it", () =>
  withVault(async (vault) => {
    const client = new DirectClient(vault);
    assert.equal((await client.call("ca.show", {})).result.ca, null);
    const { ca, created } = (await client.call("ca.init", {})).result;
    assert.equal(created, true);
    assert.match(ca.name, /^WispKey local CA [0-9a-f]{8}$/);
    assert.match(ca.fingerprint, /^[0-9a-f]{64}$/);
    const again = (await client.call("ca.init", {})).result;
    assert.deepEqual(again, { ca, created: false });
    assert.deepEqual((await client.call("ca.show", {})).result.ca, ca);

    assert.equal(await Deno.readTextFile(ca.certificatePath), ca.certificate);
    const bundle = await Deno.readTextFile(ca.bundlePath);
    assert.ok(bundle.endsWith(ca.certificate), "ours is in the bundle");
    assert.ok(bundle.split("-----BEGIN CERTIFICATE-----").length > 50, "and so are the system's roots");
    for (const path of [ca.certificatePath, ca.bundlePath]) {
      assert.equal((await Deno.stat(path)).mode! & 0o777, 0o600);
    }
  }));

Deno.test("two calls at once make one authority", () =>
  withVault(async (vault) => {
    const client = new DirectClient(vault);
    const made = await Promise.all([1, 2, 3].map(() => client.call("ca.init", {})));
    const fingerprints = new Set(made.map(({ result }) => result.ca.fingerprint));
    assert.equal(fingerprints.size, 1);
  }));

Deno.test("the files are set right by the next call, whatever was made of them", () =>
  withVault(async (vault) => {
    const client = new DirectClient(vault);
    const { ca } = (await client.call("ca.init", {})).result;
    await Deno.writeTextFile(ca.certificatePath, "-----BEGIN CERTIFICATE-----\nanother's\n");
    await Deno.remove(ca.bundlePath);
    await Deno.symlink("/etc/hostname", ca.bundlePath);
    await client.call("ca.init", {});
    assert.equal(await Deno.readTextFile(ca.certificatePath), ca.certificate);
    assert.ok((await Deno.lstat(ca.bundlePath)).isFile, "the link was replaced, not followed");
    assert.ok((await Deno.readTextFile(ca.bundlePath)).endsWith(ca.certificate));
  }));

Deno.test("another authority in its place takes the password; making the first does not", () =>
  withVault(async (vault) => {
    const changed: string[] = [];
    const context = contextOf(vault, () => void changed.push("authority"));
    const first = await runOperation(context, CALLER, "ca.init", {}, NOTHING);
    await assert.rejects(runOperation(context, CALLER, "ca.renew", {}, NOTHING), {
      code: "password_required",
    });
    assert.deepEqual(await runOperation(context, CALLER, "ca.init", {}, NOTHING), {
      result: { ...first.result, created: false },
    });
    assert.deepEqual(changed, ["authority"]);
    const renewed = (await new DirectClient(vault).call("ca.renew", {})).result.ca;
    assert.notDeepEqual(renewed, (first.result as { ca: unknown }).ca);
    assert.equal(await Deno.readTextFile(renewed.certificatePath), renewed.certificate);
    const events = vault.audit.query({ last: 10 }).map(({ event }) => event);
    assert.deepEqual(events.slice(0, 2), ["CaRenewed", "CaCreated"]);
  }));

Deno.test("locked, nothing of it is told or made", () =>
  withVault(async (vault) => {
    await new DirectClient(vault).call("ca.init", {});
    const authority = new LocalAuthority(vault);
    assert.notEqual(authority.authority, null);
    vault.lock();
    assert.equal(authority.authority, null);
    await assert.rejects(authority.leafFor("api.test"), { code: "ca_unavailable" });
    for (const name of ["ca.init", "ca.show", "ca.renew"]) {
      await assert.rejects(runOperation(contextOf(vault), CALLER, name, {}, NOTHING), {
        code: "vault_locked",
      });
    }
  }));

Deno.test("the private key is in no file of the vault's directory, neither in clear nor as PEM", () =>
  withVault(async (vault, directory) => {
    await new DirectClient(vault).call("ca.init", {});
    const authority = new LocalAuthority(vault);
    const leaf = await authority.leafFor("api.test");
    const leafKey = Uint8Array.fromBase64(leaf.key.replaceAll(/-----.*-----|\n/g, ""));
    const pair = readAuthority(vault);
    assert.ok(pair !== undefined);
    // The last 65 bytes are the public half; the private one stands before.
    const needles = [pair.privateKey, leafKey].map((key) => key.slice(36, 68));
    assert.ok(contains(pair.privateKey, needles[0]!), "the search finds what is there");
    for await (const { name, isFile } of Deno.readDir(directory)) {
      if (!isFile) continue;
      const bytes = await Deno.readFile(`${directory}/${name}`);
      const text = fromLatin1(bytes);
      assert.ok(!text.includes("PRIVATE KEY"), name);
      for (const needle of needles) {
        assert.ok(!contains(bytes, needle), name);
        assert.ok(!text.includes(needle.toBase64().slice(0, 24)), name);
        assert.ok(!text.includes(needle.toHex()), name);
      }
    }
    wipe(pair.privateKey);
  }));

Deno.test("an authority that was changed behind our back is not used", () =>
  withVault(async (vault, directory) => {
    await new DirectClient(vault).call("ca.init", {});
    const { DatabaseSync } = await import("node:sqlite");
    const db = new DatabaseSync(`${directory}/vault.db`);
    db.exec("UPDATE documents SET ciphertext = zeroblob(length(ciphertext)) WHERE kind = 'ca'");
    db.close();
    assert.equal(new LocalAuthority(vault).authority, null);
    await assert.rejects(new DirectClient(vault).call("ca.init", {}), { code: "document_tampered" });
  }));

Deno.test("an authority whose time is over, or has not come, is not used", () =>
  withVault(async (vault) => {
    await new DirectClient(vault).call("ca.init", {});
    let now = Date.now();
    const authority = new LocalAuthority(vault, () => now);
    assert.notEqual(authority.authority, null);
    now += 6 * 365 * 86_400_000;
    assert.equal(authority.authority, null);
    now = 0;
    assert.equal(authority.authority, null);
  }));

function fromLatin1(bytes: Uint8Array): string {
  return new TextDecoder("latin1").decode(bytes);
}

function contains(bytes: Uint8Array, needle: Uint8Array): boolean {
  return fromLatin1(bytes).includes(fromLatin1(needle));
}

Deno.test("the text of a certificate is UTF-8 and ends with a line break, so that files can be joined", () =>
  withVault(async (vault) => {
    const { ca } = (await new DirectClient(vault).call("ca.init", {})).result;
    assert.equal(fromUtf8(utf8(ca.certificate)), ca.certificate);
    assert.ok(ca.certificate.endsWith("-----END CERTIFICATE-----\n"));
  }));

Deno.test("an authority whose time is over is replaced by the next call, without the password", () =>
  withVault(async (vault) => {
    const old = await makeAuthority(Date.now() - 6 * 365 * 86_400_000);
    writeAuthority(vault, old, { event: "CaCreated" });
    const shown = (await new DirectClient(vault).call("ca.show", {})).result.ca;
    assert.ok(shown !== null && shown.notAfter < Date.now());
    const { result } = await runOperation(contextOf(vault), CALLER, "ca.init", {}, NOTHING);
    const { ca, created } = result as { ca: { fingerprint: string; notAfter: number }; created: boolean };
    assert.equal(created, true);
    assert.notEqual(ca.fingerprint, shown.fingerprint);
    assert.ok(ca.notAfter > Date.now());
  }));
