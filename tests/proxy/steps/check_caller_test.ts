import assert from "node:assert/strict";
import type { Caller, CallerIdentity, CallerPort } from "../../../src/proxy/callers.ts";
import { PLAIN_CALLER } from "../../../src/proxy/callers.ts";
import { keyringOf } from "../../../src/proxy/context.ts";
import { runSteps } from "../../../src/proxy/pipeline.ts";
import { errorAnswer, Refusal } from "../../../src/proxy/refusal.ts";
import { checkCaller } from "../../../src/proxy/steps/check_caller.ts";
import { route } from "../../../src/proxy/steps/route.ts";
import { contextOf, fakeServices } from "../fakes.ts";

const RUN: Caller = { ...PLAIN_CALLER, name: "claude", kind: "run", credentials: ["a"] };
const SHOWN = "claude:5ec4e7";

/** Lets in who shows `claude:5ec4e7`, and plain callers. */
function port(seen: CallerIdentity[] = []): CallerPort {
  return {
    authenticate(identity) {
      seen.push(identity);
      if (identity.kind === "none") return PLAIN_CALLER;
      const shown = identity.kind === "path" ? identity.secret : atob(identity.value.slice("Basic ".length));
      return shown === SHOWN ? RUN : null;
    },
  };
}

function refusal(act: () => unknown): Refusal {
  try {
    act();
  } catch (error) {
    assert.ok(error instanceof Refusal, String(error));
    return error;
  }
  assert.fail("it was let through");
}

Deno.test("a caller shows itself in Proxy-Authorization, or in the path of a base URL", () => {
  const services = { ...fakeServices(), callers: port() };
  const byHeader = contextOf("GET", "http://api.example/x", [
    ["Host", "api.example"],
    ["Proxy-Authorization", `Basic ${btoa(SHOWN)}`],
  ]);
  checkCaller(byHeader, services);
  assert.equal(byHeader.caller, RUN);

  const byPath = contextOf("GET", `/as/${SHOWN}/to/https/api.example/v1/x?y=1`);
  checkCaller(byPath, services);
  assert.equal(byPath.caller, RUN);
  assert.equal(route(byPath, services), undefined);
  assert.equal(byPath.mode, "base-url");
  assert.equal(byPath.target.authority, "api.example");
  assert.equal(byPath.target.path + byPath.target.query, "/v1/x?y=1");
  assert.ok(!JSON.stringify(byPath.auditTarget()).includes("5ec4e7"));
  assert.equal(byPath.auditTarget().caller, "claude");

  const plain = contextOf("GET", "/to/https/api.example/");
  checkCaller(plain, services);
  assert.equal(plain.caller.kind, "plain");
});

Deno.test("who shows something wrong is refused, also where plain callers are welcome", () => {
  const services = { ...fakeServices(), callers: port() };
  for (
    const context of [
      contextOf("GET", "http://api.example/", [["Proxy-Authorization", `Basic ${btoa("claude:wrong")}`]]),
      contextOf("GET", "/as/claude:wrong/to/https/api.example/"),
      contextOf("GET", "/as/claude/to/https/api.example/"),
      contextOf("GET", "/as//to/https/api.example/"),
    ]
  ) {
    const refused = refusal(() => runSteps(context, services));
    assert.equal(refused.status, 407);
    assert.equal(refused.code, "caller_refused");
    const answer = errorAnswer(refused);
    assert.ok(answer.headers.some(([name, value]) => name === "proxy-authenticate" && /^Basic /.test(value)));
  }
});

Deno.test("a request that names its caller twice is refused before anybody is asked", () => {
  const seen: CallerIdentity[] = [];
  const services = { ...fakeServices(), callers: port(seen) };
  const shown = ["Proxy-Authorization", `Basic ${btoa(SHOWN)}`] as [string, string];
  assert.equal(
    refusal(() => checkCaller(contextOf("GET", "http://h/", [shown, shown]), services)).status,
    400,
  );
  assert.equal(
    refusal(() => checkCaller(contextOf("GET", `/as/${SHOWN}/to/http/h/`, [shown]), services)).status,
    400,
  );
  assert.deepEqual(seen, []);
});

Deno.test("the path of a base URL must be asked of ourselves, whoever the caller is", () => {
  const services = { ...fakeServices(), callers: port() };
  const foreign = contextOf("GET", `/as/${SHOWN}/to/http/h/`, [["Host", "evil.example"]]);
  assert.equal(refusal(() => runSteps(foreign, services)).code, "foreign_host");
});

Deno.test("steps see only the credentials of the caller", () => {
  const services = { ...fakeServices(), callers: port() };
  const a = services.keyring.add({ name: "a", hosts: "api.example" });
  const b = services.keyring.add({ name: "b", hosts: "api.example" });
  const context = (token: string) =>
    contextOf("GET", `/as/${SHOWN}/to/https/api.example/`, [
      ["Host", "127.0.0.1:7700"],
      ["Authorization", `Bearer ${token}`],
    ]);
  const allowed = context(a.token);
  checkCaller(allowed, services);
  assert.equal(keyringOf(allowed, services).find(a.token).kind, "live");
  assert.equal(keyringOf(allowed, services).find(b.token).kind, "unknown");
  assert.equal(refusal(() => runSteps(context(b.token), services)).code, "unknown_token");
  assert.equal(services.keyring.uses.length, 0);
});
