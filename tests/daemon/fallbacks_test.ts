import assert from "node:assert/strict";
import { utf8 } from "../../src/core/bytes.ts";
import { parseTarget } from "../../src/core/target.ts";
import { Fallbacks, takeFallbacks } from "../../src/daemon/fallbacks.ts";
import { VaultKeyring } from "../../src/daemon/keyring.ts";
import { PLAIN_CALLER } from "../../src/proxy/callers.ts";
import type { Vault } from "../../src/vault/mod.ts";
import { draft, tamper, withVault } from "../vault/support.ts";

const session = { check: () => true, touch: () => true };
const TOKEN = "wk_openai_0123456789abcdef";
const VALUE = "sk-from-the-environment";

function environment(variables: Record<string, string>) {
  const left = { ...variables };
  return { left, toObject: () => ({ ...left }), delete: (name: string) => void delete left[name] };
}

function keyringOf(vault: Vault, variables: Record<string, string> = { WISPKEY_FALLBACK_OPENAI: VALUE }) {
  const used: string[] = [];
  const fallbacks = new Fallbacks(takeFallbacks(environment(variables)), () => "fingerprint");
  const keyring = new VaultKeyring(vault, session, fallbacks, ({ name }) => void used.push(name));
  return { keyring, used };
}

Deno.test("all fallback variables are taken out of the environment, and nothing else", () => {
  const env = environment({
    WISPKEY_FALLBACK_OPENAI: VALUE,
    WISPKEY_FALLBACK_OPENAI_HOSTS: "api.openai.com",
    WISPKEY_FALLBACK_odd: "x",
    WISPKEY_FALLBACK_LONG: "x".repeat(9_000),
    HOME: "/home/me",
  });
  const taken = takeFallbacks(env);
  assert.deepEqual(taken.map(({ variable }) => variable.slug), ["openai"]);
  assert.deepEqual(env.left, { HOME: "/home/me" });
  const fallbacks = new Fallbacks(taken, () => "");
  assert.ok(taken[0]?.secret.every((byte) => byte === 0), "what was handed over is wiped");
  assert.equal(new TextDecoder().decode(fallbacks.find(TOKEN)?.openValue()), VALUE);
});

Deno.test("a token the vault knows nothing of finds its fallback, with the catalogue's hosts", () =>
  withVault((vault) => {
    const { keyring, used } = keyringOf(vault);
    const match = keyring.find(TOKEN);
    assert.ok(match.kind === "live");
    const { credential } = match;
    assert.deepEqual([credential.name, credential.project, credential.fallback], [
      "WISPKEY_FALLBACK_OPENAI",
      "",
      true,
    ]);
    assert.equal(new TextDecoder().decode(keyring.openValue(credential)), VALUE);
    assert.deepEqual(keyring.find("wk_openai_another0000000000"), match, "whatever its random part");
    assert.deepEqual(keyring.find(credential.token), match, "and the token that stands for its value");
    keyring.used(credential);
    assert.deepEqual(used, ["WISPKEY_FALLBACK_OPENAI"]);
    assert.equal(keyring.find("wk_openai_prod_0123456789abcdef").kind, "unknown", "another slug");
    keyring.clear();
  }));

Deno.test("tokens that were rotated or removed, of other projects, or tampered with never fall back", () =>
  withVault((vault, directory) => {
    const gone = vault.credentials.add(draft(vault, "openai"), utf8("v"));
    const rotated = vault.credentials.add(draft(vault, "github"), utf8("v"));
    const bent = vault.credentials.add(draft(vault, "stripe"), utf8("v"));
    vault.credentials.remove(gone.id);
    vault.credentials.rotateToken(rotated.id);
    tamper(directory, "UPDATE credentials SET hosts = '[\"evil.test\"]' WHERE name = 'stripe'");
    const { keyring } = keyringOf(vault, {
      WISPKEY_FALLBACK_OPENAI: VALUE,
      WISPKEY_FALLBACK_GITHUB: VALUE,
      WISPKEY_FALLBACK_STRIPE: VALUE,
    });
    assert.equal(keyring.find(gone.token).kind, "retired");
    assert.equal(keyring.find(rotated.token).kind, "retired");
    assert.equal(keyring.find(bent.token).kind, "tampered");
    keyring.scope = "another project";
    for (const { token } of [gone, rotated, bent]) assert.equal(keyring.find(token).kind, "unknown");
    keyring.clear();
  }));

Deno.test("an invented token of a slug that the vault holds does not lead around that credential", () =>
  withVault((vault) => {
    const { keyring } = keyringOf(vault);
    assert.equal(keyring.find(TOKEN).kind, "live");
    const held = vault.credentials.add(draft(vault, "openai"), utf8("v"));
    keyring.refresh(held.id);
    assert.equal(keyring.find(TOKEN).kind, "unknown");
    keyring.scope = "another project";
    assert.equal(keyring.find(TOKEN).kind, "unknown", "out of scope it is held all the same");
    vault.credentials.remove(held.id);
    keyring.refresh(held.id);
    assert.equal(keyring.find(TOKEN).kind, "live");
    keyring.clear();
  }));

Deno.test("a fallback's value is scrubbed from what its hosts answer, and opens their tunnels", () =>
  withVault((vault) => {
    const { keyring } = keyringOf(vault);
    const target = parseTarget("https://api.openai.com/v1");
    const set = keyring.scrubSet(target, []);
    assert.ok(set !== null);
    set.release();
    assert.equal(keyring.credentialFor(target, PLAIN_CALLER)?.name, "WISPKEY_FALLBACK_OPENAI");
    assert.equal(keyring.credentialFor(target, { ...PLAIN_CALLER, project: "default" }), null);
    assert.equal(keyring.scrubSet(parseTarget("https://other.test/"), []), null);
    keyring.dropFallbacks();
    assert.equal(keyring.find(TOKEN).kind, "unknown");
    assert.equal(keyring.scrubSet(target, []), null);
    assert.equal(keyring.credentialFor(target, PLAIN_CALLER), null);
  }));

Deno.test("a locked vault has no fallbacks", () =>
  withVault((vault) => {
    const { keyring } = keyringOf(vault);
    vault.lock();
    assert.equal(keyring.find(TOKEN).kind, "unknown");
    assert.equal(keyring.scrubSet(parseTarget("https://api.openai.com/"), []), null);
    keyring.clear();
  }));

Deno.test("a caller bound to a project has no fallbacks, one bound to names only those, and none reads their values", () =>
  withVault((vault) => {
    const { keyring } = keyringOf(vault);
    const target = parseTarget("https://api.openai.com/v1");
    const kindFor = (bounds: { project?: string; credentials?: string[] }) =>
      keyring.scopedTo({ ...PLAIN_CALLER, ...bounds }).find(TOKEN).kind;
    assert.equal(kindFor({}), "live");
    assert.equal(kindFor({ credentials: ["WISPKEY_FALLBACK_OPENAI"] }), "live");
    assert.equal(kindFor({ credentials: ["other"] }), "unknown");
    assert.equal(kindFor({ project: "default" }), "unknown");
    const set = keyring.scopedTo({ ...PLAIN_CALLER, project: "default" }).scrubSet(target, []);
    assert.ok(set !== null, "what others have sent is searched for all the same");
    set.release();
    keyring.dropFallbacks();
  }));
