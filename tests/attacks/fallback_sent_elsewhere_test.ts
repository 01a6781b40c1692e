/**
 * A key in the environment stands in for a credential that the vault does not hold. The attacker invents a token with the
 * right slug, which every agent can, and uses it where the owner never meant it to go.
 */

import assert from "node:assert/strict";
import { Api, Home, through } from "../e2e/harness.ts";

const SECRET = "sk-live-from-the-environment-0042";
const INVENTED = "wk_acme_0123456789abcdef";

/** Earlier programs of this kind: the first word of the slug names the variable, and that is all they ask. */
function swapNaively(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, value.replaceAll(/wk_acme_[a-z0-9_]+/g, SECRET)]),
  );
}

Deno.test("an invented token gets the fallback to its hosts and places only, and its value never back", async () => {
  await using thief = new Api();
  await using api = new Api((request) => new Response(`you are ${request.headers.get("authorization")}`));
  const attack = { Authorization: `Bearer ${INVENTED}` };
  await (await fetch(`http://${thief.host}/`, { headers: swapNaively(attack) })).body?.cancel();
  assert.ok(
    thief.last?.headers.authorization?.includes(SECRET),
    "the attack does not even work against a naive proxy",
  );
  thief.seen.length = 0;

  await using home = await Home.withVault();
  const held = await home.json("add", "held", "--value", "sk-of-the-vault", "--hosts", api.host);
  const removed = await home.json("add", "gone", "--value", "sk-of-the-vault", "--hosts", api.host);
  await home.ok("remove", "gone", "--yes");
  const env = {
    WISPKEY_FALLBACK_ACME: SECRET,
    WISPKEY_FALLBACK_ACME_HOSTS: api.host,
    WISPKEY_FALLBACK_NOWHERE: `${SECRET}-1`,
    WISPKEY_FALLBACK_HELD: `${SECRET}-2`,
    WISPKEY_FALLBACK_HELD_HOSTS: thief.host,
    WISPKEY_FALLBACK_GONE: `${SECRET}-3`,
    WISPKEY_FALLBACK_GONE_HOSTS: api.host,
  };
  const unlocked = await home.run(["unlock"], { env });
  assert.equal(unlocked.code, 0, unlocked.stderr);
  assert.ok(unlocked.stdout.includes(`WISPKEY_FALLBACK_ACME (to ${api.host})`), unlocked.stdout);
  assert.match(
    unlocked.stdout,
    /WISPKEY_FALLBACK_NOWHERE \(used nowhere: WISPKEY_FALLBACK_NOWHERE_HOSTS is not set\)/,
  );
  const { address } = await home.json("serve", "--random-port", "--daemon");

  const good = await through(address, `http://${api.host}/`, attack);
  const body = await good.text();
  assert.deepEqual([good.status, api.last?.headers.authorization], [200, `Bearer ${SECRET}`]);
  assert.equal(body, "you are Bearer wk_acme_fallback");

  const refused = async (host: string, headers: Record<string, string>, code: string) => {
    const before = [api.seen.length, thief.seen.length];
    const answer = await through(address, `http://${host}/`, headers);
    const text = await answer.text();
    assert.deepEqual([answer.status, answer.headers.get("x-wispkey-error")], [403, code], text);
    assert.ok(!text.includes(SECRET) && !text.includes("0123456789abcdef"));
    assert.deepEqual([api.seen.length, thief.seen.length], before, "nothing was sent");
  };
  await refused(thief.host, attack, "host_not_allowed");
  await refused(api.host, { "X-Note": INVENTED }, "misplaced_token");
  await refused(api.host, { Authorization: "Bearer wk_nowhere_0123456789abcdef" }, "host_not_allowed");
  await refused(thief.host, { Authorization: "Bearer wk_held_0123456789abcdef" }, "unknown_token");
  await refused(api.host, { Authorization: `Bearer ${removed.credential.wisp_token}` }, "retired_token");
  await refused(thief.host, { Authorization: `Bearer ${held.credential.wisp_token}` }, "host_not_allowed");

  const { entries } = await home.json("log");
  const events = entries.map((row: { event_type: string; credential_name: string }) =>
    `${row.event_type} ${row.credential_name}`
  );
  for (const event of ["FallbackUsed", "CredentialUsed", "CredentialDenied"]) {
    assert.ok(events.includes(`${event} WISPKEY_FALLBACK_ACME`), `${event} in ${events}`);
  }
  assert.ok(!JSON.stringify(entries).includes("0123456789abcdef"));

  await home.ok("serve", "--no-fallback", "--daemon", "--port", address.split(":").at(-1) ?? "");
  await refused(api.host, attack, "unknown_token");
  await home.ok("serve", "--daemon", "--port", address.split(":").at(-1) ?? "");
  await refused(api.host, attack, "unknown_token");

  await home.ok("stop");
  for (const entry of Deno.readDirSync(home.vault)) {
    if (!entry.isFile) continue;
    const text = new TextDecoder("latin1").decode(Deno.readFileSync(`${home.vault}/${entry.name}`));
    assert.ok(!text.includes(SECRET) && !text.includes("0123456789abcdef"), entry.name);
  }
  const [note] = JSON.parse(Deno.readTextFileSync(`${home.vault}/auto-fix-notes.json`));
  assert.deepEqual([note.fallback_env, note.uses, note.wisp_token], [
    "WISPKEY_FALLBACK_ACME",
    1,
    "wk_acme_…",
  ]);
});
