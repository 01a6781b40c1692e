import assert from "node:assert/strict";
import { Home } from "./harness.ts";

const SECRET = "postgres://app:a-long-database-password@db.example/app";

Deno.test("run --reveal gives the value, masks it wherever it is written, and leaves no file behind", async () => {
  await using home = await Home.withVault();
  await home.ok("add", "db", "--type", "api_key", "--value", SECRET);
  const script = 'test "$URL" = "$1" && echo same; echo "$URL"; cat "$FILE" >&2; echo "$FILE"; exit 6';
  const ran = await home.run(
    ["run", "--reveal", "--set", "URL=db", "--file", "FILE=db", "--", "/bin/sh", "-c", script, "sh", SECRET],
  );
  assert.equal(ran.code, 6, ran.stderr);
  const [same, masked, path = ""] = ran.stdout.split("\n");
  assert.equal(same, "same");
  assert.equal(masked, "wispkey-masked-db");
  assert.match(ran.stderr, /wispkey-masked-db/);
  assert.ok(!`${ran.stdout}${ran.stderr}`.includes("a-long-database-password"));
  await assert.rejects(Deno.stat(path), Deno.errors.NotFound);
  const { entries } = await home.json("log", "--last", "20");
  assert.ok(entries.some((row: { event_type: string }) => row.event_type === "CredentialRevealed"));
});

Deno.test("run --reveal without the master password gives nothing", async () => {
  await using home = await Home.withVault();
  await home.ok("add", "db", "--type", "api_key", "--value", SECRET);
  const ran = await home.run(["run", "--reveal", "--set", "URL=db", "--", "/usr/bin/env"], {
    env: { WISPKEY_PASSWORD: "a wrong master password" },
  });
  assert.notEqual(ran.code, 0);
  assert.equal(ran.stdout, "");
});
