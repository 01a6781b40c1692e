import assert from "node:assert/strict";
import { Api, Home, through } from "./harness.ts";

const SECRET = "sk-held-0123456789abcdefghij";

/** Sends a request but for the end of its body, does something, sends the rest; answers what came back. */
async function held(
  port: number,
  api: string,
  token: string,
  meanwhile: () => Promise<unknown>,
): Promise<string> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const write = async (text: string) => {
    const bytes = new TextEncoder().encode(text);
    for (let sent = 0; sent < bytes.length;) sent += await connection.write(bytes.subarray(sent));
  };
  await write(
    `POST /to/http/${api}/x HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer ${token}\r\n` +
      "Content-Type: text/plain\r\nContent-Length: 10\r\nConnection: close\r\n\r\n12345",
  );
  await meanwhile();
  await write("67890");
  return await new Response(connection.readable).text();
}

for (
  const [what, command] of [
    ["removed", ["remove", "k", "--yes"]],
    ["narrowed", ["edit", "k", "--hosts", "other.example.com"]],
  ] as const
) {
  Deno.test(`a request that is held while its credential is ${what} gets nothing`, async () => {
    await using home = await Home.withVault();
    await using api = new Api();
    const { credential } = await home.json(
      ...["add", "k", "--value", SECRET, "--hosts", `${api.host},other.example.com`],
    );
    const { port } = await home.json("serve", "--random-port", "--daemon");
    const answer = await held(port, api.host, credential.wisp_token, () => home.ok(...command));
    assert.match(answer, /^HTTP\/1\.1 403 /);
    assert.match(answer, /x-wispkey-error: (credential_changed|retired_token|host_not_allowed)/i);
    assert.ok(!answer.includes(SECRET));
    assert.equal(api.seen.length, 0);
  });
}

Deno.test("what a host was given before its credential was removed is not read back afterwards", async () => {
  await using home = await Home.withVault();
  await using api = new Api(() => Response.json({ stored: SECRET }));
  await home.ok("add", "writer", "--value", SECRET, "--hosts", api.host);
  const reader = await home.json(
    "add",
    "reader",
    "--value",
    "another-secret-0123456789",
    "--hosts",
    api.host,
  );
  const { address } = await home.json("serve", "--random-port", "--daemon");
  const read = async () => {
    const answer = await through(address, `http://${api.host}/get`, {
      Authorization: `Bearer ${reader.credential.wisp_token}`,
    });
    return await answer.text();
  };
  assert.ok(!(await read()).includes(SECRET));
  await home.ok("remove", "writer", "--yes");
  assert.ok(!(await read()).includes(SECRET), "removing it must not open its answers");
});
