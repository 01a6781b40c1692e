import assert from "node:assert/strict";
import { dirname, join, relative } from "node:path";
import { compile, selectTargets } from "../../scripts/compile.ts";
import { readEmbedded } from "../../scripts/compile/inspect.ts";
import { compileArguments, TARGETS, WORKERS } from "../../scripts/compile/targets.ts";
import { bareEnvironment, ROOT, run } from "../../scripts/lib/program.ts";
import { VERSION } from "../../src/core/version.ts";
import { LIBC_CANDIDATES } from "../../src/platform/libc.ts";
import { ROLE_PERMISSIONS } from "../../src/platform/permissions.ts";
import config from "../../deno.json" with { type: "json" };

async function inTempDir(work: (directory: string) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir();
  try {
    await work(directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

async function sourcesIn(directory: string): Promise<string[]> {
  const paths: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(directory)) {
    const path = join(directory, name);
    if (isDirectory) paths.push(...await sourcesIn(path));
    else if (name.endsWith(".ts")) paths.push(path);
  }
  return paths;
}

Deno.test("five platforms are built, each under a name of its own", () => {
  assert.equal(TARGETS.length, 5);
  assert.equal(new Set(TARGETS.map(({ file }) => file)).size, 5);
  assert.deepEqual(selectTargets([]), [...TARGETS]);
  assert.deepEqual(selectTargets(["wispkey-macos-arm64"]).map(({ triple }) => triple), [
    "aarch64-apple-darwin",
  ]);
  assert.throws(() => selectTargets(["sparc"]), /'sparc'.* none of .*x86_64-unknown-linux-gnu/);
});

Deno.test("no target is built with all permissions, and none asks for more", () => {
  for (const target of TARGETS) {
    const args = compileArguments(target, "out", "main.ts");
    assert.ok(args.includes("--no-prompt"));
    assert.ok(args.every((arg) => arg !== "-A" && arg !== "--allow-all" && arg !== "--allow-import"));
  }
});

Deno.test("every module that runs on a thread of its own is compiled in", async () => {
  const found: string[] = [];
  for (const path of await sourcesIn(join(ROOT, "src"))) {
    const source = await Deno.readTextFile(path);
    for (const [, worker = ""] of source.matchAll(/new Worker\(\s*new URL\("([^"]+)"/g)) {
      found.push(relative(ROOT, join(dirname(path), worker)).replaceAll("\\", "/"));
    }
  }
  assert.deepEqual(found.sort(), [...WORKERS].sort());
});

Deno.test({
  name:
    "an executable carries the program's permissions, its modules and nothing else (Linux only: an ELF base)",
  ignore: Deno.build.os !== "linux",
  fn: () =>
    inTempDir(async (directory) => {
      // Any ELF file will do as a base: the test reads what is put into it, and does not run it.
      const built = await run(Deno.execPath(), [
        "eval",
        `const { compile, selectTargets } = await import(Deno.args[0]);
         await compile(selectTargets(["x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu"]), Deno.args[1]);`,
        join(ROOT, "scripts/compile.ts"),
        directory,
      ], { env: { DENORT_BIN: "/bin/true" } });
      assert.equal(built.code, 0, built.stderr);

      const files = ["wispkey-linux-x64", "wispkey-linux-arm64"];
      const sums = await Deno.readTextFile(join(directory, "SHA256SUMS"));
      for (const file of files) {
        const bytes = await Deno.readFile(join(directory, file));
        const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
        assert.ok(sums.includes(`${digest}  ${file}\n`), `no sum of ${file}`);

        const embedded = readEmbedded(bytes);
        assert.deepEqual([embedded.entrypoint, embedded.name], ["main.ts", "wispkey"]);
        assert.equal(embedded.version, config.version);
        assert.equal(embedded.prompt, false);
        assert.equal(embedded.codeCache, false, "compiled code must not come from the temporary directory");

        // Deno always writes its default list of hosts for `import`; the program gives that kind up at start.
        const { import: _, ...permissions } = embedded.permissions;
        const expected = Object.fromEntries(
          ROLE_PERMISSIONS.command.map((kind) => [kind, kind === "ffi" ? [...LIBC_CANDIDATES] : []]),
        );
        assert.deepEqual(permissions, expected);

        for (const worker of WORKERS) assert.ok(embedded.files.includes(worker), `${worker} is missing`);
        const own = embedded.files.filter((path) => !path.startsWith(".deno_compile_node_modules/"));
        assert.ok(own.includes("main.ts") && own.some((path) => path.startsWith("src/core/")));
        const stray = own.filter((path) => !/^(?:main\.ts|deno\.json|src\/.*\.(?:ts|json))$/.test(path));
        assert.deepEqual(stray, [], "tests, scripts and documents do not ship");
        const packages = embedded.files.filter((path) => /\/(?:openai|fast-check)\//.test(path));
        assert.deepEqual(packages, [], "packages of the tests do not ship");
      }
    }),
});

Deno.test("the version is the same in deno.json and in the program", () => {
  assert.equal(VERSION, config.version);
});

Deno.test("a failed build is an error and leaves no list of sums", () =>
  inTempDir(async (directory) => {
    const target = { triple: "there-is-no-such-platform", file: "nothing" };
    await assert.rejects(compile([target], directory), /cannot build nothing: .* exit code/);
    assert.deepEqual([...Deno.readDirSync(directory)], []);
  }));

Deno.test("reading a file that was not compiled is refused", () => {
  assert.throws(() => readEmbedded(new TextEncoder().encode("#!/bin/sh\n")), /no metadata/);
});

Deno.test("the program bundled into one file runs with no package cache and no network", () =>
  inTempDir(async (directory) => {
    const bundle = join(directory, "wispkey.js");
    // The bundler is a package that Deno fetches once, so this one command gets our whole environment: it may need a
    // registry's address or a certificate of the place it runs in.
    const bundled = await new Deno.Command(Deno.execPath(), {
      args: [
        "bundle",
        "--quiet",
        "--platform=deno",
        `--config=${join(ROOT, "deno.json")}`,
        `--output=${bundle}`,
        join(ROOT, "main.ts"),
      ],
      stdout: "piped",
      stderr: "piped",
    }).output();
    assert.ok(bundled.success, new TextDecoder().decode(bundled.stderr));

    const version = await run(Deno.execPath(), [
      "run",
      "--no-prompt",
      "--no-config",
      "--no-lock",
      "--no-remote",
      "--no-npm",
      "--allow-read",
      "--allow-env",
      bundle,
      "version",
    ], { env: { ...bareEnvironment(), DENO_DIR: join(directory, "empty-cache") } });
    assert.equal(version.code, 0, version.stderr);
    assert.match(version.stdout, new RegExp(config.version.replaceAll(".", "\\.")));
  }));
