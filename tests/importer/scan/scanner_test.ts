import assert from "node:assert/strict";
import { utf8 } from "../../../src/core/bytes.ts";
import { isBareFile, isBinary, scanBytes } from "../../../src/importer/scan/scanner.ts";
import { Draw } from "../labelled/draw.ts";
import { MORE_SECRETS, PLAIN_VARIABLES } from "../labelled/others.ts";
import { PROVIDER_VARIABLES } from "../labelled/providers.ts";

const draw = new Draw(77);

function scan(text: string, path = "src/code.ts") {
  return scanBytes(utf8(text), isBareFile(path));
}

Deno.test("on the labelled set nine in ten secrets are found in a line of code, and next to nothing else", () => {
  const secrets = [...PROVIDER_VARIABLES, ...MORE_SECRETS];
  const missed = secrets.filter(([name, template]) =>
    scan(`${name}="${draw.value(template)}"\n`).length === 0
  );
  const wrong = PLAIN_VARIABLES.filter(([name, value]) => scan(`${name}="${value}"\n`).length > 0);
  console.log(
    `found ${
      secrets.length - missed.length
    } of ${secrets.length}, wrongly ${wrong.length} of ${PLAIN_VARIABLES.length}`,
  );
  assert.ok(missed.length <= secrets.length / 10, JSON.stringify(missed));
  // An access key's id is no secret to import, but worth a look where it lies in clear; and the form of a Google key is
  // the same for those that are public.
  assert.deepEqual(wrong.map(([name]) => name), ["AWS_ACCESS_KEY_ID", "NEXT_PUBLIC_FIREBASE_API_KEY"]);
});

Deno.test("a key that the catalogue knows is found wherever it stands, under any name", () => {
  for (
    const template of ["ghp_{a36}", "xoxb-{d11}-{d13}-{a24}", "sk_live_{a24}", "SG.{w22}.{w43}", "npm_{a36}"]
  ) {
    const key = draw.value(template);
    for (
      const text of [
        key,
        `// ${key}\n`,
        `fetch("https://x.example/?k=${key}")`,
        `<a b='${key}'>`,
        `a\n\n${key}\nb`,
      ]
    ) {
      const [finding, ...more] = scan(text);
      assert.equal(finding?.secret, key, text);
      assert.equal(more.length, 0);
    }
  }
});

Deno.test("line and column are told, and nothing of the secret but what all of its kind begin with", () => {
  const key = draw.value("ghp_{a36}");
  const [finding] = scan(`first\nsecond é ${key}\n`);
  assert.deepEqual([finding?.line, finding?.column, finding?.id, finding?.title], [
    2,
    11,
    "github",
    "GitHub",
  ]);
  assert.equal(finding?.masked, "ghp_… (40 characters)");
});

Deno.test("addresses with passwords, webhooks, connection strings and private keys are found; dummies are not", () => {
  const password = draw.value("{a14}");
  const found = [
    `const URL = "postgres://app:${password}@db.internal/app";`,
    `- see https://user:${password}@api.internal/v1`,
    `hook: https://hooks.slack.com/services/T{U8}/B{U8}/{a24}`.replace(
      /\{.*\}/,
      draw.value("{U8}/B{U8}/{a24}"),
    ),
    `"DefaultEndpointsProtocol=https;AccountName=a;AccountKey=${draw.value("{a86}")}=="`,
    draw.value("-----BEGIN RSA PRIVATE" + " KEY-----\n{a64}\n{a64}\n-----END RSA PRIVATE KEY-----"),
    draw.value('"private_key": "-----BEGIN PRIVATE' + ' KEY-----\\n{a64}\\n-----END PRIVATE KEY-----\\n"'),
    `id = "${"AK" + "IA"}${draw.value("{b16}")}"`,
  ];
  for (const text of found) assert.equal(scan(text).length, 1, text.replace(/[A-Za-z0-9]{20,}/g, "…"));
  const dummies = [
    "postgres://postgres:postgres@localhost/app",
    "mysql://user:${PASSWORD}@db/app",
    "https://{user}:{password}@api.example.com",
    "https://YOUR_USERNAME:YOUR_PASSWORD@api.example.com",
    "https://user:xxxx@example.com and https://user:1111@example.com",
    "https://hooks.slack.com/services/TXXXXXXXX/BXXXXXXXX/XXXXXXXXXXXX",
    "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA\n-----END PUBLIC KEY-----",
    "-----BEGIN PRIVATE" + " KEY-----\n...\n-----END PRIVATE KEY-----",
    `ghp_${"x".repeat(36)}`,
    "wk_openai_prod_a7x9m2k4b8c1d5e6",
    "password: string; token = getToken(); const secret = process.env.SECRET;",
    'label: "Enter your password", "access_token_expires_in": 3600',
  ];
  for (const text of dummies) assert.deepEqual(scan(text), [], text);
});

Deno.test("bare values count where files have them, and not in code", () => {
  const value = draw.value("{a32}");
  assert.equal(scan(`SESSION_SECRET=${value}\n`, "app/.env.local").length, 1);
  assert.equal(scan(`session_secret: ${value}\n`, "config.yml").length, 1);
  assert.equal(scan(`const sessionSecret = ${value};\n`, "a.ts").length, 0);
});

Deno.test("a line may be passed over, and only that line", () => {
  const key = draw.value("ghp_{a36}");
  assert.equal(scan(`${key} // wispkey:ignore\n`).length, 0);
  assert.equal(scan(`// wispkey:ignore\n${key}\n`).length, 1);
});

Deno.test("giant lines, many anchors and binary data end soon", () => {
  assert.deepEqual(scan("secret=".repeat(200_000)), []);
  assert.deepEqual(scan(`-----BEGIN PRIVATE KEY-----${"\n".repeat(1_000_000)}`), []);
  assert.deepEqual(scan(`password = "${"a".repeat(2_000_000)}`), []);
  assert.ok(isBinary(new Uint8Array([1, 2, 0, 3])));
  assert.ok(!isBinary(utf8("text")));
});
