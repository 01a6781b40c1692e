import assert from "node:assert/strict";
import { utf8 } from "../../src/core/bytes.ts";
import type { Place } from "../../src/core/credential.ts";
import { VaultKeyring } from "../../src/daemon/keyring.ts";
import { draft, withVault } from "../vault/support.ts";

const FORM: Place = { in: "form", field: "secret" };
const session = { check: () => true, touch: () => true };

Deno.test("the keyring knows which credentials may stand in a body, in scope and at any time", () =>
  withVault((vault) => {
    const keyring = new VaultKeyring(vault, session);
    const names = () => keyring.bodyCredentials.map(({ name }) => name);
    assert.deepEqual(names(), []);
    const add = (name: string, place: Place | null) => {
      const added = vault.credentials.add(draft(vault, name, { type: "api_key", place }), utf8("v"));
      keyring.refresh(added.id);
      return added;
    };
    add("anywhere", null);
    add("header", { in: "header", name: "X" });
    const body = add("body", FORM);
    assert.deepEqual(names(), ["body"]);
    assert.ok(keyring.isLive(body.token));

    vault.credentials.edit(body.id, { place: null });
    keyring.refresh(body.id);
    assert.deepEqual(names(), []);
    vault.credentials.edit(body.id, { place: { in: "body" } });
    keyring.refresh(body.id);
    assert.deepEqual(names(), ["body"]);

    keyring.scope = "another project";
    assert.deepEqual(names(), []);
    keyring.scope = body.projectId;
    assert.deepEqual(names(), ["body"]);

    vault.credentials.remove(body.id);
    keyring.refresh(body.id);
    assert.deepEqual(names(), []);
    assert.ok(!keyring.isLive(body.token));

    add("again", FORM);
    keyring.clear();
    assert.deepEqual(names(), []);
    keyring.reload();
    assert.deepEqual(names(), ["again"]);
    keyring.clear();
  }));

Deno.test("reading everything anew replaces rows that changed, and leaves the others to requests that are held", () =>
  withVault((vault) => {
    const keyring = new VaultKeyring(vault, session);
    const add = (name: string) => {
      const added = vault.credentials.add(draft(vault, name, { type: "api_key", place: null }), utf8("v"));
      keyring.refresh(added.id);
      return added;
    };
    const [same, other] = [add("same"), add("other")];
    const find = (token: string) => {
      const match = keyring.find(token);
      assert(match.kind === "live");
      return match.credential;
    };
    const [heldSame, heldOther] = [find(same.token), find(other.token)];
    vault.credentials.edit(other.id, { hosts: ["elsewhere.test"] });
    keyring.reload();
    assert.equal(find(same.token), heldSame);
    assert.notEqual(find(other.token), heldOther);
    const value = keyring.openValue(heldSame);
    assert.ok(value.length > 0, "its secret can still be opened");
    keyring.clear();
  }));
