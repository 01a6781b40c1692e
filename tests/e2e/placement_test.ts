import assert from "node:assert/strict";
import { Api, Home, through } from "./harness.ts";

const SECRET = 'real "value" of the body';

Deno.test("a place in a body takes the password, is shown, and is bound to the secret through lock and unlock", async () => {
  await using home = await Home.withVault();
  await using api = new Api();
  const added = await home.json("add", "hook", "--value", SECRET, "--hosts", api.host);
  const token = added.credential.wisp_token;
  const { address } = await home.json("serve", "--random-port", "--daemon");
  const call = () =>
    through(address, `http://${api.host}/hook`, { "Content-Type": "application/json" }, {
      method: "POST",
      body: JSON.stringify({ auth: { token }, note: "é" }),
    });

  const refused = await call();
  assert.deepEqual([refused.status, refused.headers.get("x-wispkey-error")], [403, "misplaced_token"]);
  const { error } = await refused.json();
  const command = /wispkey (edit .*)$/.exec(error.hint)?.[1] ?? "";
  assert.equal(command, "edit hook --type api_key --in body:/auth/token");
  assert.equal(api.seen.length, 0);

  // An agent that pastes the command gets nowhere without the password.
  const pasted = await home.run(command.split(" "), { env: { WISPKEY_PASSWORD: "not the password" } });
  assert.equal(pasted.code, 3);
  assert.equal((await call()).headers.get("x-wispkey-error"), "misplaced_token");

  await home.ok(...command.split(" "));
  assert.match(await home.ok("get", "hook"), /^Place: +the string at \/auth\/token of a JSON body$/m);
  assert.equal((await call()).status, 200);
  assert.deepEqual(JSON.parse(api.last?.body ?? ""), { auth: { token: SECRET }, note: "é" });

  await home.ok("lock");
  await home.ok("unlock");
  const shown = await home.json("get", "hook");
  assert.deepEqual(shown.credential.place, { in: "body_json", pointer: "/auth/token" });
  assert.equal((await call()).status, 200);

  // The header it used to stand in is no longer its place.
  const header = await through(address, `http://${api.host}/`, { Authorization: `Bearer ${token}` });
  assert.equal(header.headers.get("x-wispkey-error"), "misplaced_token");
  await header.body?.cancel();
});

Deno.test("two credentials of different places stand in one form", async () => {
  await using home = await Home.withVault();
  await using api = new Api();
  const add = async (name: string, place: string, value: string): Promise<string> => {
    const args = ["add", name, "--type", "api_key", "--in", place, "--value", value, "--hosts", api.host];
    return (await home.json(...args)).credential.wisp_token;
  };
  const id = await add("id", "form:client_id", "the id");
  const secret = await add("secret", "form:client_secret", "a&b=c");
  const { address } = await home.json("serve", "--random-port", "--daemon");
  const answer = await through(address, `http://${api.host}/token`, {}, {
    method: "POST",
    body: new URLSearchParams({ grant_type: "x", client_id: id, client_secret: secret }),
  });
  assert.equal(answer.status, 200);
  const sent = Object.fromEntries(new URLSearchParams(api.last?.body));
  assert.deepEqual(sent, { grant_type: "x", client_id: "the id", client_secret: "a&b=c" });
  await answer.body?.cancel();
});
