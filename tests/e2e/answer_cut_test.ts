import assert from "node:assert/strict";
import { LivingCaller } from "../attacks/living_caller.ts";
import { Api, Home } from "./harness.ts";

/** Answers with one event, and then says nothing for ever. */
function quietStream(): Response {
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new TextEncoder().encode("data: one\n\n")),
  });
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
}

/** Asks for the stream, lets something happen after its first event; answers whether it broke off. */
async function brokenBy(
  url: string,
  token: string,
  meanwhile: () => Promise<unknown>,
): Promise<boolean> {
  const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
  assert.equal(response.status, 200);
  const reader = response.body?.getReader();
  assert(reader);
  assert.match(new TextDecoder().decode((await reader.read()).value), /data: one/);
  await meanwhile();
  return await reader.read().then(({ done }) => {
    assert.ok(done, "something more came");
    return false;
  }, () => true);
}

/** Waits until the log says why a use ended: while locked it is read from the file, which is a moment behind. */
async function assertEnded(home: Home, why: string): Promise<void> {
  let found: string[] = [];
  for (let tries = 0; tries < 20 && found.length === 0; tries++) found = await reasons(home);
  assert.deepEqual(found, [why]);
}

/** Why uses ended; what follows a use at once is in its own row. */
async function reasons(home: Home): Promise<string[]> {
  const { entries } = await home.json("log");
  return entries.flatMap(({ event_type, deny_reason }: { event_type: string; deny_reason: string | null }) =>
    event_type.startsWith("CredentialUse") && deny_reason !== null ? [deny_reason] : []
  );
}

for (
  const [what, command, reason] of [
    ["its credential is removed", ["remove", "k", "--yes"], "credential_changed"],
    ["its token is rotated", ["rotate", "k"], "credential_changed"],
    ["its hosts are narrowed", ["edit", "k", "--hosts", "other.example.com"], "credential_changed"],
    ["the vault is locked", ["lock"], "vault_locked"],
  ] as const
) {
  Deno.test(`an answer breaks off when ${what}, and the log says why`, async () => {
    await using home = await Home.withVault();
    await using api = new Api(quietStream);
    const { credential } = await home.json(
      ...["add", "k", "--value", "sk-quiet-0123456789abcdef", "--hosts", `${api.host},other.example.com`],
    );
    const { address } = await home.json("serve", "--random-port", "--daemon");
    const url = `${address}/to/http/${api.host}/events`;
    assert.ok(await brokenBy(url, credential.wisp_token, () => home.ok(...command)));
    await assertEnded(home, reason);
  });
}

Deno.test("an answer breaks off when its caller is revoked", async () => {
  await using home = await Home.withVault();
  await using api = new Api(quietStream);
  const { credential } = await home.json(
    ...["add", "k", "--value", "sk-quiet-0123456789abcdef", "--hosts", api.host],
  );
  await home.ok("serve", "--random-port", "--daemon");
  await using caller = await LivingCaller.start(home, "--caller", "agent");
  const url = `${caller.address}/as/${caller.name}:${caller.secret}/to/http/${api.host}/events`;
  assert.ok(await brokenBy(url, credential.wisp_token, () => home.ok("callers", "revoke", "agent")));
  await assertEnded(home, "caller_refused");
});
