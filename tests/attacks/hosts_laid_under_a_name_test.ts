/**
 * An agent removes a credential and adds another under its name, with hosts of its own, just before the owner gives the name
 * a fresh secret. Neither act of the agent needs the master password.
 */

import assert from "node:assert/strict";
import { actText } from "../../src/core/act.ts";
import { utf8 } from "../../src/core/bytes.ts";
import { type ShownCredential, shownOf } from "../../src/core/shown.ts";
import type { OperationContext } from "../../src/daemon/operations/types.ts";
import { runOperation, type Trust } from "../../src/daemon/service.ts";
import { Vault } from "../../src/vault/mod.ts";
import { operationContext } from "../daemon/operation_context.ts";
import { CHEAP_KDF } from "../vault/cheap_kdf.ts";

const REF = { name: "openai", project: "default" };
const NOTHING = new Uint8Array(0);
const FRESH = utf8("sk-the-fresh-secret");

/** A vault with the owner's credential, and what an agent without the password can do in it. */
async function withScene(
  act: (
    vault: Vault,
    agent: (op: string, params: unknown, payload: Uint8Array) => Promise<unknown>,
    context: OperationContext,
  ) => Promise<void>,
): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "wk-attack-" });
  const vault = await Vault.create(`${directory}/vault`, utf8("a master password"), CHEAP_KDF);
  const context = operationContext(vault);
  const stranger: Trust = { kind: "caller", proof: undefined, takeNonce: () => false };
  const agent = (op: string, params: unknown, payload: Uint8Array) =>
    runOperation(context, stranger, op, params, payload);
  try {
    await agent("credential.add", draft(["api.openai.com"]), utf8("sk-old"));
    await act(vault, agent, context);
  } finally {
    vault.close();
    await Deno.remove(directory, { recursive: true });
  }
}

function draft(hosts: string[]) {
  return {
    ...REF,
    description: "",
    type: "bearer_token",
    place: null,
    hosts,
    tags: [],
    partition: "personal",
  };
}

function stored(vault: Vault) {
  const [credential] = vault.credentials.list();
  assert.ok(credential !== undefined);
  return credential;
}

Deno.test("a secret given to a name does not go where an agent laid that name meanwhile", () =>
  withScene(async (vault, agent, context) => {
    const seen: ShownCredential = shownOf(stored(vault));
    await agent("credential.remove", REF, NOTHING);
    await agent("credential.add", draft(["evil.example"]), utf8("x"));

    // A vault that goes by the name puts the secret under the agent's hosts: the attack works.
    vault.credentials.replaceValue(stored(vault).id, FRESH);
    assert.deepEqual([stored(vault).hosts, vault.credentials.openValue(stored(vault).id)], [
      ["evil.example"],
      FRESH,
    ]);

    vault.credentials.replaceValue(stored(vault).id, utf8("x"));
    const params = { ...REF, shown: seen };
    const nonce = Uint8Array.of(1);
    const sealed = vault.sealForAct(nonce, "request", FRESH);
    const act = await actText("credential.replace_value", params, sealed);
    const owner: Trust = {
      kind: "caller",
      proof: { nonce, mac: vault.proveAct(nonce, act) },
      takeNonce: () => true,
    };
    await assert.rejects(runOperation(context, owner, "credential.replace_value", params, sealed), {
      code: "changed_meanwhile",
    });
    assert.deepEqual(vault.credentials.openValue(stored(vault).id), utf8("x"));
  }));
