import assert from "node:assert/strict";
import { actText } from "../../src/core/act.ts";
import { utf8 } from "../../src/core/bytes.ts";
import { shownOf } from "../../src/core/shown.ts";
import type { ActProof } from "../../src/daemon/request.ts";
import { runOperation, type Trust } from "../../src/daemon/service.ts";
import type { OperationContext } from "../../src/daemon/operations/types.ts";
import { Vault } from "../../src/vault/mod.ts";
import { CHEAP_KDF } from "../vault/cheap_kdf.ts";
import { operationContext } from "./operation_context.ts";

const NOTHING = new Uint8Array(0);
const VALUE = utf8("the secret value of k");

interface Fixture extends AsyncDisposable {
  vault: Vault;
  context: OperationContext;
  changed: string[];
}

async function fixture(): Promise<Fixture> {
  const directory = await Deno.makeTempDir({ prefix: "wk-service-" });
  const vault = await Vault.create(`${directory}/vault`, utf8("a master password"), CHEAP_KDF);
  const changed: string[] = [];
  const context = operationContext(vault, changed);
  return {
    vault,
    context,
    changed,
    async [Symbol.asyncDispose]() {
      vault.close();
      await Deno.remove(directory, { recursive: true });
    },
  };
}

const add = {
  name: "k",
  description: "",
  type: "bearer_token",
  place: null,
  hosts: ["api.example.com", "api.example.org"],
  tags: [],
  project: "default",
  partition: "personal",
};
const ref = { name: "k", project: "default" };

/** A caller on the socket; nonces of one byte `n` are good once. */
function caller(proof?: ActProof): Trust {
  const spent = new Set<number>();
  return {
    kind: "caller",
    proof,
    takeNonce: (nonce) => nonce.length === 1 && !spent.has(nonce[0]!) && !!spent.add(nonce[0]!),
  };
}

const NONCE = new Uint8Array([7]);

/** The reference as it goes along with what was shown of the credential. */
function shownRef(vault: Vault) {
  const [credential] = vault.credentials.list();
  assert.ok(credential !== undefined);
  return { ...ref, shown: shownOf(credential) };
}

/** A payload as a caller who proves the password sends it. */
function sealed(vault: Vault, payload: Uint8Array): Uint8Array {
  return payload.length === 0 ? payload : vault.sealForAct(NONCE, "request", payload);
}

async function proofFor(vault: Vault, name: string, params: unknown, payload: Uint8Array): Promise<ActProof> {
  const nonce = NONCE;
  return { nonce, mac: vault.proveAct(nonce, await actText(name, params, payload)) };
}

Deno.test("a caller without the password may add, list and narrow", async () => {
  await using it = await fixture();
  const added = await runOperation(it.context, caller(), "credential.add", add, VALUE);
  assert.equal(it.changed.length, 1);
  assert.match(JSON.stringify(added.result), /wk_k_/);
  const listed = await runOperation(it.context, caller(), "credential.list", {
    project: null,
    partition: null,
    tokens: false,
  }, NOTHING);
  assert.ok(!JSON.stringify(listed.result).includes("wk_k_"), "no token unless asked for");
  await runOperation(
    it.context,
    caller(),
    "credential.edit",
    { ...ref, patch: { hosts: ["api.example.com"] } },
    NOTHING,
  );
});

const GUARDED: [string, unknown, Uint8Array][] = [
  ["credential.edit", { ...ref, patch: { hosts: ["api.example.com", "evil.example"] } }, NOTHING],
  ["credential.edit", { ...ref, patch: { type: "api_key" } }, NOTHING],
  ["credential.edit", { ...ref, patch: { name: "other" } }, NOTHING],
  ["credential.replace_value", "shown", utf8("planted")],
  ["credential.confirm", "shown", NOTHING],
  ["credential.reveal", ref, NOTHING],
  ["config.set", { key: "session.timeout" }, utf8("5")],
  ["config.unset", { key: "session.timeout" }, NOTHING],
];
for (const [name, given, payload] of GUARDED) {
  Deno.test(`${name} ${JSON.stringify(given)} needs the password, proven for exactly this act`, async () => {
    await using it = await fixture();
    await runOperation(it.context, caller(), "credential.add", add, VALUE);
    const params = given === "shown" ? shownRef(it.vault) : given;
    const sent = sealed(it.vault, payload);
    const call = (trust: Trust) => runOperation(it.context, trust, name, params, sent);

    await assert.rejects(call(caller()), { code: "password_required" });
    const forged = { nonce: NONCE, mac: new Uint8Array(32) };
    await assert.rejects(call(caller(forged)), { code: "bad_proof" });
    const other = await proofFor(it.vault, "credential.reveal", { ...ref, name: "another" }, sent);
    await assert.rejects(call(caller(other)), { code: "bad_proof" });
    const otherPayload = await proofFor(it.vault, name, params, utf8("something else"));
    await assert.rejects(call(caller(otherPayload)), { code: "bad_proof" });
    assert.equal(it.changed.length, 1, "nothing was changed");

    const good = caller(await proofFor(it.vault, name, params, sent));
    await call(good);
    // An edit that is done is no edit any more; the other acts can be tried again.
    if (name === "credential.edit") return;
    await assert.rejects(call(good), { code: "bad_proof" }, "a nonce is good once");
    await runOperation(it.context, { kind: "opened-by-password" }, name, params, payload);
  });
}

Deno.test("a setting's value is checked whoever asks, and what is secret in it is never answered", async () => {
  await using it = await fixture();
  const owner: Trust = { kind: "opened-by-password" };
  const set = (key: string, text: Uint8Array) => runOperation(it.context, owner, "config.set", { key }, text);
  await assert.rejects(set("proxy.max_connections", utf8("0")), { code: "invalid_setting" });
  await assert.rejects(set("proxy.no_proxy", new Uint8Array([0xff])), { code: "invalid_setting" });
  const noCertificate = `-----BEGIN CERTIFICATE-----\n${
    new Uint8Array(200).fill(0x30).toBase64()
  }\n-----END CERTIFICATE-----`;
  await assert.rejects(set("proxy.extra_ca", utf8(noCertificate)), { code: "invalid_certificate" });
  const { result } = await set("proxy.upstream", utf8("http://me:pa55-word@proxy.test:3128"));
  assert.ok(!JSON.stringify(result).includes("pa55-word"));
  assert.ok(!JSON.stringify(it.vault.audit.query()).includes("pa55-word"));
  assert.equal(it.vault.settings.all()["proxy.upstream"], "http://me:pa55-word@proxy.test:3128");
  const listed = await runOperation(it.context, caller(), "config.list", {}, NOTHING);
  assert.ok(!JSON.stringify(listed).includes("pa55-word"));
});

Deno.test("what crosses the socket with a proof is sealed both ways: a relay reads nothing", async () => {
  await using it = await fixture();
  await runOperation(it.context, caller(), "credential.add", add, VALUE);
  const fresh = utf8("the replaced value of k");
  const sent = sealed(it.vault, fresh);
  const params = shownRef(it.vault);
  const proof = await proofFor(it.vault, "credential.replace_value", params, sent);
  await runOperation(it.context, caller(proof), "credential.replace_value", params, sent);

  const reveal = await proofFor(it.vault, "credential.reveal", ref, NOTHING);
  const { payload } = await runOperation(it.context, caller(reveal), "credential.reveal", ref, NOTHING);
  assert.ok(payload !== undefined && !payload.toHex().includes(fresh.toHex()));
  assert.deepEqual(it.vault.openForAct(NONCE, "reply", payload), fresh);
  assert.throws(() => it.vault.openForAct(NONCE, "request", payload), { code: "bad_proof" });
  assert.throws(() => it.vault.openForAct(new Uint8Array([8]), "reply", payload), { code: "bad_proof" });
  assert.throws(() => it.vault.openForAct(NONCE, "reply", payload.subarray(0, 5)), { code: "bad_proof" });

  const clear = await proofFor(it.vault, "credential.replace_value", params, fresh);
  await assert.rejects(
    runOperation(it.context, caller(clear), "credential.replace_value", params, fresh),
    { code: "bad_proof" },
    "a payload that is not sealed is not taken",
  );
});

Deno.test("what another caller put under the name meanwhile does not get the secret meant for what was shown", async () => {
  await using it = await fixture();
  await runOperation(it.context, caller(), "credential.add", add, VALUE);
  const params = shownRef(it.vault);
  await runOperation(it.context, caller(), "credential.remove", ref, NOTHING);
  const theirs = { ...add, hosts: ["evil.example"] };
  await runOperation(it.context, caller(), "credential.add", theirs, utf8("x"));

  const fresh = utf8("the new secret");
  const sent = sealed(it.vault, fresh);
  for (
    const [name, payload] of [["credential.replace_value", sent], ["credential.confirm", NOTHING]] as const
  ) {
    const proof = await proofFor(it.vault, name, params, payload);
    await assert.rejects(runOperation(it.context, caller(proof), name, params, payload), {
      code: "changed_meanwhile",
    });
  }
  const [left] = it.vault.credentials.list();
  assert.deepEqual([left?.hosts, left?.hostsConfirmed], [["evil.example"], false]);
  assert.deepEqual(it.vault.credentials.openValue(left?.id ?? ""), utf8("x"));
});

Deno.test("hosts count as confirmed once the password was given for them, and narrowing keeps that", async () => {
  await using it = await fixture();
  const confirmed = () => it.vault.credentials.list()[0]?.hostsConfirmed;
  const findings = async () =>
    JSON.stringify((await runOperation(it.context, caller(), "vault.verify", {}, NOTHING)).result);
  await runOperation(it.context, caller(), "credential.add", add, VALUE);
  assert.equal(confirmed(), false);
  assert.match(await findings(), /hosts_unconfirmed.*added without the password: k/);

  const described = { ...ref, patch: { description: "mine", hosts: ["api.example.com"] } };
  await runOperation(it.context, caller(), "credential.edit", described, NOTHING);
  assert.equal(confirmed(), false, "narrowing without the password vouches for nothing");

  const params = shownRef(it.vault);
  const proof = await proofFor(it.vault, "credential.confirm", params, NOTHING);
  await runOperation(it.context, caller(proof), "credential.confirm", params, NOTHING);
  assert.equal(confirmed(), true);
  assert.ok(!(await findings()).includes("hosts_unconfirmed"));
  await runOperation(it.context, caller(), "credential.edit", { ...ref, patch: { hosts: [] } }, NOTHING);
  assert.equal(confirmed(), true);

  await runOperation(it.context, caller(), "credential.remove", ref, NOTHING);
  await runOperation(it.context, { kind: "opened-by-password" }, "credential.add", add, VALUE);
  assert.equal(confirmed(), true, "who adds with the password has said where it may go");
});

Deno.test("who names hosts with the password confirms them, but no place that was there before", async () => {
  await using it = await fixture();
  const owner = { kind: "opened-by-password" } as const;
  const confirmed = () => it.vault.credentials.list()[0]?.hostsConfirmed;
  const edit = (patch: unknown) =>
    runOperation(it.context, owner, "credential.edit", { ...ref, patch }, NOTHING);

  const laid = { ...add, type: "api_key", place: { in: "body" } };
  await runOperation(it.context, caller(), "credential.add", laid, VALUE);
  await edit({ hosts: ["api.example.net"] });
  assert.equal(confirmed(), false);
  await edit({ description: "mine", place: null });
  assert.equal(confirmed(), false);
  await edit({ hosts: ["api.example.com"] });
  assert.equal(confirmed(), true);
});

Deno.test("failed proofs are written down", async () => {
  await using it = await fixture();
  await runOperation(it.context, caller(), "credential.add", add, VALUE);
  const forged = { nonce: new Uint8Array([1]), mac: new Uint8Array(32) };
  await assert.rejects(runOperation(it.context, caller(forged), "credential.reveal", ref, NOTHING));
  const [last] = it.vault.audit.query({ last: 1 });
  assert.equal(last?.event, "UnlockFailed");
  assert.equal(last?.denied, true);
});

Deno.test("a revealed value comes as payload, never in the JSON, and is written down first", async () => {
  await using it = await fixture();
  await runOperation(it.context, caller(), "credential.add", add, VALUE);
  const revealed = await runOperation(
    it.context,
    { kind: "opened-by-password" },
    "credential.reveal",
    ref,
    NOTHING,
  );
  assert.deepEqual(revealed.payload, VALUE);
  assert.ok(!JSON.stringify(revealed.result).includes("secret value"));
  assert.equal(it.vault.audit.query({ last: 1 })[0]?.event, "CredentialRevealed");
});

Deno.test("a locked vault answers the log and nothing else", async () => {
  await using it = await fixture();
  await runOperation(it.context, caller(), "credential.add", add, VALUE);
  it.vault.dropKeys();
  await assert.rejects(
    runOperation(it.context, caller(), "credential.get", { ...ref, token: true }, NOTHING),
    {
      code: "vault_locked",
    },
  );
  const log = await runOperation(it.context, caller(), "audit.query", { last: 5 }, NOTHING);
  assert.ok("rows" in log.result && Array.isArray(log.result.rows) && log.result.rows.length > 0);
});

Deno.test("what is no operation, or has the wrong parameters, is refused", async () => {
  await using it = await fixture();
  const call = (name: string, params: unknown) => runOperation(it.context, caller(), name, params, NOTHING);
  await assert.rejects(call("credential.steal", {}), { code: "unknown_operation" });
  await assert.rejects(call("toString", {}), { code: "unknown_operation" });
  await assert.rejects(call("credential.get", { ...ref, token: 1 }), { code: "bad_parameters" });
  await assert.rejects(call("credential.add", { ...add, hosts: ["https://u:p@h.test"] }), {
    code: "invalid_host_pattern",
  });
  await assert.rejects(call("credential.add", { ...add, type: "custom_header" }), { code: "place_required" });
  await assert.rejects(call("credential.add", { ...add, partition: "nope" }), {
    code: "partition_not_found",
  });
  assert.equal(it.vault.credentials.list({}).length, 0);
});
