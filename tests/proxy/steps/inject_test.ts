import assert from "node:assert/strict";
import { runSteps } from "../../../src/proxy/pipeline.ts";
import { checkHosts } from "../../../src/proxy/steps/check_hosts.ts";
import { checkPlaces } from "../../../src/proxy/steps/check_places.ts";
import { findTokens } from "../../../src/proxy/steps/find_tokens.ts";
import { inject, wipeOutgoing } from "../../../src/proxy/steps/inject.ts";
import { recordIntent } from "../../../src/proxy/steps/record_intent.ts";
import { route } from "../../../src/proxy/steps/route.ts";
import { contextOf, fakeServices } from "../fakes.ts";

function prepared(services: ReturnType<typeof fakeServices>, url: string, headers: [string, string][]) {
  const context = contextOf("GET", url, [["Host", "api.test"], ...headers]);
  route(context, services);
  findTokens(context, services);
  checkHosts(context);
  checkPlaces(context);
  return context;
}

const isWiped = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0);

Deno.test("a request without a token passes all steps without a promise, and nothing is opened or written", () => {
  const services = fakeServices();
  const context = contextOf("GET", "https://api.test/x?y", [["Host", "api.test"], ["A", "b"]]);
  assert.equal(runSteps(context, services), undefined);
  assert.deepEqual(context.outgoing, {
    target: "/x?y",
    headers: [{ name: "Host", value: "api.test" }, { name: "A", lower: "a", value: "b" }],
    secrets: [],
  });
  assert.deepEqual([services.audit.rows, services.keyring.handedOut], [[], []]);
});

Deno.test("fields that hold no secret are passed on as the very same objects", () => {
  const services = fakeServices();
  const { token } = services.keyring.add({ hosts: "api.test" });
  const context = prepared(services, "https://api.test/", [["A", "1"], ["Authorization", token]]);
  inject(context, services);
  assert.equal(context.outgoing.headers[1], context.fields[1]);
  assert.notEqual(context.outgoing.headers[2], context.fields[2]);
});

Deno.test("if one of several secrets cannot be put in, all that were opened or written are wiped", () => {
  const services = fakeServices();
  const good = services.keyring.add({ type: "api_key", hosts: "api.test", value: "GOOD" });
  const bad = services.keyring.add({ hosts: "api.test", value: "line\nbreak" });
  const context = prepared(services, "https://api.test/", [["X-Api-Key", good.token], [
    "Authorization",
    bad.token,
  ]]);
  assert.throws(() => inject(context, services), { code: "value_not_allowed_here" });
  assert.equal(services.keyring.handedOut.length, 2);
  assert.ok(services.keyring.handedOut.every(isWiped));
  assert.deepEqual([context.outgoing.secrets, services.keyring.uses], [[], []]);
});

Deno.test("path and query become one value, whose parts are wiped with it", () => {
  const services = fakeServices();
  const { token } = services.keyring.add({
    type: "query_param",
    place: { in: "query", name: "a" },
    hosts: "api.test",
    value: "SE CRET",
  });
  const context = prepared(services, `https://api.test/p/../q%20?a=${token}&b=%zz&a=${token}`, []);
  inject(context, services);
  const { target } = context.outgoing;
  assert.ok(target instanceof Uint8Array);
  assert.equal(new TextDecoder().decode(target), "/p/../q%20?a=SE%20CRET&b=%zz&a=SE%20CRET");
  wipeOutgoing(context);
  assert.ok(isWiped(target));
  wipeOutgoing(context);
});

Deno.test("one intent is written for each credential however often its token stands, all in one turn", async () => {
  const services = fakeServices();
  const a = services.keyring.add({
    name: "a",
    type: "custom_header",
    place: { in: "header", name: "X-S" },
    hosts: "api.test",
  });
  const b = services.keyring.add({ name: "b", hosts: "api.test" });
  const context = prepared(services, "https://api.test/p", [["X-S", `${a.token} ${a.token}`], [
    "Authorization",
    b.token,
  ]]);
  const begun: string[] = [];
  const intent = services.audit.intent.bind(services.audit);
  services.audit.intent = (entry) => {
    begun.push(entry.credential ?? "");
    return intent(entry);
  };
  const waiting = recordIntent(context, services);
  assert.deepEqual(begun, ["a", "b"]);
  await waiting;
  assert.deepEqual(context.intents.map(({ credential, seq }) => [credential.name, seq]), [["a", 1], [
    "b",
    2,
  ]]);
  inject(context, services);
  assert.deepEqual(services.keyring.uses, ["a", "b"]);
  wipeOutgoing(context);
});
