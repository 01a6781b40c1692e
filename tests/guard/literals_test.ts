import assert from "node:assert/strict";
import fc from "fast-check";
import { fileURLToPath } from "node:url";
import { judgePath, judgeText } from "../../src/core/guard/judge.ts";
import { isDrawn } from "../../src/core/guard/randomness.ts";
import { findsSecretVariables, isSecretFile, isSecretVariable } from "../../src/core/guard/secret_names.ts";
import { PROVIDERS } from "../../src/core/provider_catalogue.ts";
import { drawn, KEYS } from "./corpus.ts";

Deno.test("a key of every provider whose keys are known is found, alone, in a sentence, and beside a token", () => {
  let count = 0;
  for (const { title, keys = [], prefixes } of PROVIDERS) {
    for (const key of keys) {
      const whole = new RegExp(`^(?:${key.source})$`);
      for (const sample of fc.sample(fc.stringMatching(whole), { numRuns: 4, seed: 7 })) {
        const prefix = prefixes.find((each) => sample.startsWith(each)) ?? "";
        if (prefix === "" || ![0, 4, 8].every((more) => isDrawn(sample.slice(prefix.length + more)))) {
          continue;
        }
        count++;
        for (
          const text of [sample, `use ${sample}.`, `wk_a_b7x9m2k4b8c1d5e6 '${sample}'`, `{"k":"${sample}"}`]
        ) {
          assert.notEqual(judgeText(text), null, `${title}: ${key.source}: ${text}`);
        }
      }
    }
  }
  assert.ok(count > 100, String(count));
});

Deno.test("names without values, tokens, placeholders, digests and words are no keys", () => {
  for (
    const text of [
      "OPENAI_API_KEY=",
      "OPENAI_API_KEY=wk_openai_prod_a7x9m2k4b8c1d5e6",
      "api_key: process.env.OPENAI_API_KEY,",
      "const token = await getTokenFromServer(request);",
      "password = settings.database.password.value",
      "sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
      "ghp_your_personal_access_token_here_1234",
      "AKIAIOSFODNN7EXAMPLE",
      "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
      "commit 9fceb02d0ae598e95dc970b74767f19372d61af8",
      "task-the-real-thing-of-all-things",
      "550e8400-e29b-41d4-a716-446655440000",
      "postgres://postgres:postgres@localhost:5432/app",
      "https://user:${PASSWORD}@db.internal/app",
      "-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIUFoobarbazquxquuxcorgegrault",
      "-----BEGIN PRIVATE KEY-----",
      "Authorization: Bearer $TOKEN",
      "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk",
    ]
  ) assert.equal(judgeText(text), null, text);
});

Deno.test("keys in a file to be written are found by their names, in URLs, headers and Base64", () => {
  const value = drawn(40);
  for (
    const text of [
      `MY_SERVICE_API_KEY=${value}`,
      `"apiKey": "${KEYS["stripe"]?.()}"`,
      `DB_PASSWORD: '${value}'`,
      `curl -H 'Authorization: Bearer ${value}'`,
      `amqp://app:${value}@queue.internal/`,
      `-----BEGIN RSA PRIVATE KEY-----\n${drawn(64)}\n${drawn(64)}\n-----END RSA PRIVATE KEY-----`,
      btoa(`token is ${KEYS["github"]?.()}`),
      btoa(btoa(KEYS["anthropic"]?.() ?? "")),
    ]
  ) assert.notEqual(judgeText(text), null, text);
});

Deno.test("the program's own source, documentation and plugins hold nothing that is taken for a key", () => {
  const root = fileURLToPath(new URL("../../", import.meta.url));
  const alarms: string[] = [];
  const walk = (directory: string) => {
    for (const { name, isDirectory } of Deno.readDirSync(directory)) {
      const path = `${directory}/${name}`;
      if (isDirectory) walk(path);
      else if (
        /\.(?:ts|md|mdc|json|toml|svg)$/.test(name) && judgeText(Deno.readTextFileSync(path)) !== null
      ) alarms.push(path);
    }
  };
  for (const directory of ["src", "docs", "plugin", "scripts"]) walk(`${root}${directory}`);
  assert.deepEqual(alarms, []);
});

Deno.test("looking through a large text takes time in proportion to it", () => {
  const shapes = [
    "a".repeat(400_000),
    "sk-".repeat(130_000),
    "a=".repeat(200_000),
    "://:".repeat(100_000),
    "x-api-key: ".repeat(36_000),
  ];
  for (const text of shapes) assert.equal(judgeText(text), null);
});

Deno.test("names tell which variables and files hold secrets", () => {
  for (
    const name of [
      "OPENAI_API_KEY",
      "MY_TOKEN",
      "DB_PASSWORD",
      "DATABASE_URL",
      "JWT_SECRET",
      "api_key",
      "STRIPE_KEY",
    ]
  ) {
    assert.ok(isSecretVariable(name), name);
  }
  for (
    const name of [
      "PATH",
      "PWD",
      "KEYBOARD",
      "TOKEN_COUNT",
      "PUBLIC_KEY",
      "AWS_ACCESS_KEY_ID",
      "key",
      "i",
      "SORT_KEY",
    ]
  ) {
    assert.ok(!isSecretVariable(name), name);
  }
  for (
    const path of [
      ".env",
      "/a/.env.local",
      "C:\\app\\.env",
      "~/.aws/credentials",
      "/proc/1/environ",
      "id_ed25519",
    ]
  ) {
    assert.ok(isSecretFile(path) && judgePath(path) !== null, path);
  }
  for (
    const path of [
      ".env.example",
      "env.ts",
      "id_rsa.pub",
      "README.env.md",
      ".envoy",
      "environment.yml",
      "key.ts",
      "secrets.md",
    ]
  ) {
    assert.ok(!isSecretFile(path) && judgePath(path) === null, path);
  }
  assert.ok(!findsSecretVariables("^PATH="));
  assert.ok(findsSecretVariables("A"));
});
