import assert from "node:assert/strict";
import {
  detectFormat,
  type Format,
  readSource,
  type SourceEntry,
} from "../../../src/importer/formats/mod.ts";
import { swapped } from "../../../src/importer/plan.ts";
import { recognize } from "../../../src/importer/recognize/recognize.ts";
import { base64Of } from "../../../src/importer/formats/base64.ts";

const GH = "gho_" + "aB3dE6gH9jK2mN5pQ8rS1tU4vW7xY0zA2bC4";

async function secretsOf(format: Format, text: string): Promise<SourceEntry[]> {
  return (await readSource(format, text)).filter((entry) => recognize(entry).kind === "secret");
}

/** The text with the n-th secret swapped for `wk_n`. */
async function copyOf(format: Format, text: string): Promise<string> {
  const secrets = await secretsOf(format, text);
  return swapped(text, new Map(secrets.map((entry, index) => [entry, `wk_${index}`])));
}

Deno.test("formats are told by the name of the file, else by what stands in it", () => {
  const table: [string, string, Format][] = [
    [".env", "", "dotenv"],
    ["a/.env.local", "", "dotenv"],
    ["prod.env", "", "dotenv"],
    [".npmrc", "", "npmrc"],
    ["/home/x/.pypirc", "", "ini"],
    [".netrc", "", "netrc"],
    ["_netrc", "", "netrc"],
    [".git-credentials", "", "git-credentials"],
    ["config.json", "", "json"],
    ["hosts.yml", "", "yaml"],
    ["export.csv", "", "csv"],
    ["credentials", "[default]\naws_access_key_id = A\n", "ini"],
    ["x", '{"a": "b"}', "json"],
    ["x", "apiVersion: v1\nkind: Secret\n", "yaml"],
    ["x", "machine a.example login b password c", "netrc"],
    ["x", "https://user:pass@host.example\n", "git-credentials"],
    ["x", "# note\nA=1\n", "dotenv"],
  ];
  for (const [path, text, format] of table) {
    assert.equal(detectFormat(path, text), format, `${path}: ${text}`);
  }
  assert.throws(() => detectFormat("x", "just words"), { code: "unknown_format" });
});

Deno.test("JSON: any depth, escapes and other scripts; only the values change", async () => {
  const text = '{\n  "größe": "ü🔑",\n  "services": {"openai": {"apiKey": "sk-ant-api03-' + "aB3".repeat(32) +
    '"}},\n\t"list": [{"name": "DB_PASSWORD", "value": "p\\u00e4ss\\nword1"}], "PORT": 1\n}\n';
  const secrets = await secretsOf("json", text);
  assert.deepEqual(secrets.map(({ name, line }) => [name, line]), [["services.openai.apiKey", 3], [
    "DB_PASSWORD",
    4,
  ]]);
  assert.equal(secrets[1]?.value, "päss\nword1");
  const copy = await copyOf("json", text);
  assert.equal(copy, text.replace(/sk-ant[^"]*/, "wk_0").replace(/p\\u00e4[^"]*/, "wk_1"));
  JSON.parse(copy);
  await assert.rejects(readSource("json", "{"), { code: "source_unreadable" });
});

Deno.test("YAML: quotes, comments, blocks and several documents stay as they are", async () => {
  const text = [
    "# note",
    'github_token: "' + GH + '" # why',
    "db:",
    "  password: 'hunter2-but-better'",
    "  port: 5432",
    "tls_key: |",
    "  -----BEGIN PRIVATE" + " KEY-----",
    "  MIIEvQIBADANBgkqhkiG9w0BAQEFAASC",
    "  -----END PRIVATE KEY-----",
    "---",
    "api_secret: x9F3kQ7LmP2sT8vW",
    "",
  ].join("\n");
  const secrets = await secretsOf("yaml", text);
  assert.deepEqual(secrets.map(({ name, line }) => [name, line]), [
    ["github_token", 2],
    ["db.password", 4],
    ["tls_key", 6],
    ["api_secret", 11],
  ]);
  const expected = text.replace(GH, "wk_0").replace("hunter2-but-better", "wk_1")
    .replace(/\|\n {2}-----BEGIN[^]*KEY-----\n(?=---)/, "wk_2\n").replace("x9F3kQ7LmP2sT8vW", "wk_3");
  assert.equal(await copyOf("yaml", text), expected);
});

Deno.test("a Kubernetes Secret: data in Base64, stringData not, by YAML and by JSON, alone and in a list", async () => {
  const secret = {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "app" },
    data: { DB_PASSWORD: base64Of("hunter2-but-better"), PORT: base64Of("5432") },
    stringData: { GITHUB_TOKEN: GH },
  };
  const text = JSON.stringify(secret, null, 2);
  const secrets = await secretsOf("json", text);
  assert.deepEqual(secrets.map(({ name, value }) => [name, value]), [
    ["app.DB_PASSWORD", "hunter2-but-better"],
    ["app.GITHUB_TOKEN", GH],
  ]);
  const copy = JSON.parse(await copyOf("json", text));
  assert.equal(copy.data.DB_PASSWORD, base64Of("wk_0"));
  assert.equal(copy.data.PORT, secret.data.PORT);
  const list = await secretsOf("json", JSON.stringify({ kind: "List", items: [secret] }));
  assert.equal(list.length, 2);
  const yaml = `kind: Secret\nmetadata: {name: app}\ndata:\n  DB_PASSWORD: ${secret.data.DB_PASSWORD}\n`;
  assert.equal((await secretsOf("yaml", yaml))[0]?.value, "hunter2-but-better");
});

Deno.test("AWS credentials and .pypirc: sections, and only what is secret", async () => {
  const key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYz9Q8vB2nM4";
  const text =
    `[default]\naws_access_key_id = AKIA${"ABCDEFGH23456723"}\naws_secret_access_key = ${key} \n; note\n[profile x]\nregion=eu-central-1\n`;
  const [secret, ...more] = await secretsOf("ini", text);
  assert.equal(more.length, 0);
  assert.deepEqual([secret?.name, secret?.value, secret?.line], ["default.aws_secret_access_key", key, 3]);
  const verdict = recognize(secret!);
  assert.equal(verdict.kind === "secret" && verdict.provider?.id, "aws");
  assert.equal(await copyOf("ini", text), text.replace(key, "wk_0"));
  const pypirc =
    "[distutils]\nindex-servers = mine\n[mine]\nrepository = https://packages.example.org/legacy/\nusername = __token__\npassword = pypi-something-of-ours\n";
  const [password] = await secretsOf("ini", pypirc);
  assert.deepEqual(password?.hosts, ["packages.example.org"]);
});

Deno.test(".npmrc: a registry's host comes from the line that holds the token", async () => {
  const token = `npm_${"aB3dE6gH9jK2".repeat(3)}`;
  const auth = base64Of("user:hunter2-but-better");
  const text = [
    "registry=https://packages.example.org/",
    `//packages.example.org/:_authToken=${token}`,
    "//other.example.org:8443/npm/:_authToken=${NPM_TOKEN}",
    `//old.example.org/:_auth = "${auth}"`,
    "; note",
    "",
  ].join("\n");
  const secrets = await secretsOf("npmrc", text);
  assert.deepEqual(secrets.map(({ value, hosts }) => [value, hosts]), [
    [token, ["packages.example.org"]],
    ["user:hunter2-but-better", ["old.example.org"]],
  ]);
  const verdicts = secrets.map((entry) => recognize(entry));
  assert.deepEqual(verdicts.map((v) => v.kind === "secret" && [v.type, v.hosts]), [
    ["bearer_token", ["packages.example.org"]],
    ["basic_auth", ["old.example.org"]],
  ]);
  assert.equal(await copyOf("npmrc", text), text.replace(token, "wk_0").replace(auth, base64Of("user:wk_1")));
});

Deno.test(".netrc and .git-credentials: hosts from the file, passwords as programs send them", async () => {
  const netrc =
    `machine api.heroku.com\n  login me@example.com\n  password hunter2-but-better # note\nmacdef init\npassword no\n\nmachine b.example login x password "two words ok"\n`;
  const entries = await secretsOf("netrc", netrc);
  assert.deepEqual(entries.map(({ value, hosts }) => [value, hosts]), [
    ["hunter2-but-better", ["api.heroku.com"]],
    ["two words ok", ["b.example"]],
  ]);
  assert.equal(
    await copyOf("netrc", netrc),
    netrc.replace("hunter2-but-better", "wk_0").replace("two words ok", "wk_1"),
  );
  const git = `https://me:${GH}@github.com\nhttps://me:p%40ss%2Fw0rd@git.example.org:8443/x\n`;
  const found = await secretsOf("git-credentials", git);
  assert.deepEqual(found.map(({ value, hosts }) => [value, hosts]), [
    [GH, ["github.com"]],
    ["p@ss/w0rd", ["git.example.org:8443"]],
  ]);
  const verdict = recognize(found[1]!);
  assert.deepEqual(verdict.kind === "secret" && [verdict.type, verdict.place], [
    "api_key",
    { in: "basic", part: "password" },
  ]);
  assert.equal(
    await copyOf("git-credentials", git),
    "https://me:wk_0@github.com\nhttps://me:wk_1@git.example.org:8443/x\n",
  );
});

Deno.test("Docker's and gh's configurations", async () => {
  const auth = base64Of("user:hunter2-but-better");
  const docker = JSON.stringify({ auths: { "https://images.example.org/v1/": { auth } }, credsStore: "x" });
  const [login] = await secretsOf("json", docker);
  assert.deepEqual([login?.value, login?.hosts, login?.pair], ["user:hunter2-but-better", [
    "images.example.org",
  ], true]);
  assert.equal(
    JSON.parse(await copyOf("json", docker)).auths["https://images.example.org/v1/"].auth,
    base64Of("user:wk_0"),
  );
  const hosts = `github.com:\n    user: me\n    oauth_token: ${GH}\n    git_protocol: https\n`;
  const [token] = await secretsOf("yaml", hosts);
  const verdict = recognize(token!);
  assert.deepEqual(verdict.kind === "secret" && verdict.hosts, [
    "api.github.com",
    "uploads.github.com",
    "github.com",
  ]);
});

Deno.test("exports of password and secret managers", async () => {
  const bitwarden = JSON.stringify({
    items: [{
      name: "Shop",
      login: {
        username: "me",
        password: "hunter2-but-better",
        uris: [{ uri: "https://shop.example/login" }],
      },
    }],
  });
  const [login] = await secretsOf("json", bitwarden);
  assert.deepEqual([login?.name, login?.value, login?.hosts], ["Shop.password", "hunter2-but-better", [
    "shop.example",
  ]]);
  const onePassword = JSON.stringify({
    title: "Deploy",
    urls: [{ href: "https://deploy.example" }],
    fields: [{ label: "username", type: "STRING", value: "me" }, {
      label: "credential",
      type: "CONCEALED",
      value: "short pass",
    }],
  });
  const [field] = await secretsOf("json", onePassword);
  assert.deepEqual([field?.name, field?.value, field?.hosts], ["Deploy.credential", "short pass", [
    "deploy.example",
  ]]);
  const infisical = JSON.stringify([{ key: "DB_PASSWORD", value: "hunter2-but-better", type: "shared" }]);
  assert.equal((await secretsOf("json", infisical))[0]?.name, "DB_PASSWORD");
  const doppler = JSON.stringify({
    DB_PASSWORD: { raw: "hunter2-but-better", computed: "hunter2-but-better" },
  });
  assert.deepEqual((await secretsOf("json", doppler)).map(({ name }) => name), [
    "DB_PASSWORD",
    "DB_PASSWORD",
  ]);
  const csv =
    'Title,Url,Username,Password\r\nShop,https://shop.example,me,"a ""quoted"", one"\r\nEmpty,,,\r\n';
  const [row, ...rest] = await secretsOf("csv", csv);
  assert.equal(rest.length, 0);
  assert.deepEqual([row?.name, row?.value, row?.hosts, row?.line], ["Shop", 'a "quoted", one', [
    "shop.example",
  ], 2]);
  assert.equal(await copyOf("csv", csv), csv.replace('a ""quoted"", one', "wk_0"));
  await assert.rejects(readSource("csv", "a,b\n1,2\n"), { code: "source_unreadable" });
});
