/**
 * The shape of the source: which directory may import which, and how long a file may be. What is said in
 * CONTRIBUTING.md about layout is checked here.
 */

import assert from "node:assert/strict";
import { join, relative, resolve } from "node:path";

const ROOT = resolve(import.meta.dirname ?? ".", "..");
const LONGEST_FILE = 500;
const SHORT_FILE = 120;

/** Directory of `src/` → directories it may import from, besides itself. */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  core: [],
  platform: ["core"],
  vault: ["core", "platform"],
  proxy: ["core", "platform"],
  importer: ["core", "platform"],
  sharing: ["vault", "core", "platform"],
  daemon: ["proxy", "vault", "importer", "core", "platform"],
  mcp: ["daemon", "core", "platform"],
  guard: ["daemon", "core", "platform"],
  cli: ["mcp", "guard", "daemon", "proxy", "vault", "importer", "sharing", "core", "platform"],
};

/** Built-ins and packages that do no input or output, so that `core` may use them. */
const PURE_BUILTINS = new Set(["node:buffer", "node:util", "node:assert/strict", "smol-toml"]);

interface SourceFile {
  /** Path relative to the checkout, with `/`. */
  path: string;
  text: string;
  lines: number;
}

function sources(directory: string): SourceFile[] {
  const files: SourceFile[] = [];
  for (const entry of Deno.readDirSync(directory)) {
    const path = join(directory, entry.name);
    if (entry.isDirectory) files.push(...sources(path));
    else if (/\.tsx?$/.test(entry.name)) {
      const text = Deno.readTextFileSync(path);
      files.push({
        path: relative(ROOT, path).replaceAll("\\", "/"),
        text,
        lines: text.split("\n").length - 1,
      });
    }
  }
  return files.sort((a, b) => a.path < b.path ? -1 : 1);
}

/** The code without comments, so that examples in docstrings are not taken for imports. */
function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\//g, "").replaceAll(/^\s*\/\/.*$/gm, "");
}

/** Specifiers a file imports or re-exports, statically or dynamically. */
function importsOf(text: string): string[] {
  const code = withoutComments(text);
  const forms = [
    /^\s*(?:import|export)\b[^"';]*?\bfrom\s*"([^"]+)"/gm,
    /^\s*import\s*"([^"]+)"/gm,
    /\bimport\(\s*"([^"]+)"\s*\)/g,
  ];
  return forms.flatMap((form) => [...code.matchAll(form)].map((match) => match[1] ?? ""));
}

/** Why an import is forbidden, or null. */
function forbidden(path: string, specifier: string): string | null {
  const [, room] = path.split("/");
  if (room === undefined || !(room in ARROWS)) return `${path}: no rule for src/${room}`;
  if (!specifier.startsWith(".")) {
    const impure = room === "core" && !PURE_BUILTINS.has(specifier);
    return impure ? `${path} is pure, but imports ${specifier}` : null;
  }
  const target = relative(ROOT, resolve(ROOT, path, "..", specifier)).replaceAll("\\", "/");
  if (!target.startsWith("src/")) {
    return target === "deno.json" ? null : `${path} imports ${target}, outside src/`;
  }
  const [, targetRoom] = target.split("/");
  if (targetRoom === undefined || targetRoom === room || ARROWS[room]?.includes(targetRoom)) return null;
  return `${path} imports ${target}: ${room} must not know ${targetRoom}`;
}

const SOURCE = sources(join(ROOT, "src"));

Deno.test("the arrow check knows a forbidden import when it sees one", () => {
  assert.deepEqual(
    importsOf('import type { A } from "../vault/a.ts";\nexport * from "./b.ts";\nawait import("./c.ts");'),
    [
      "../vault/a.ts",
      "./b.ts",
      "./c.ts",
    ],
  );
  assert.deepEqual(importsOf('import {\n  a,\n  b,\n} from "../x.ts";\nimport "./y.ts";'), [
    "../x.ts",
    "./y.ts",
  ]);
  assert.deepEqual(
    importsOf(' * import { a } from "./doc.ts";\n/* import "./no.ts"; */\n// import "./no.ts";'),
    [],
  );
  assert.match(forbidden("src/proxy/a.ts", "../vault/b.ts") ?? "", /proxy must not know vault/);
  assert.match(forbidden("src/core/a.ts", "node:fs") ?? "", /is pure/);
  assert.match(forbidden("src/core/a.ts", "../../scripts/x.ts") ?? "", /outside src/);
  assert.equal(forbidden("src/daemon/ops/a.ts", "../../vault/b.ts"), null);
});

Deno.test("imports between the directories of src/ run one way only", () => {
  const wrong = SOURCE.flatMap(({ path, text }) =>
    importsOf(text).map((specifier) => forbidden(path, specifier))
  )
    .filter((complaint) => complaint !== null);
  assert.deepEqual(wrong, []);
});

Deno.test("core touches neither the runtime's namespace nor the global objects that do input and output", () => {
  const wrong = SOURCE.filter(({ path, text }) =>
    path.startsWith("src/core/") && /\bDeno\.|\bfetch\(|\bprocess\./.test(withoutComments(text))
  ).map(({ path }) => path);
  assert.deepEqual(wrong, []);
});

Deno.test("no source, script or test file is longer than 500 lines", () => {
  const all = [...SOURCE, ...sources(join(ROOT, "scripts")), ...sources(join(ROOT, "tests"))];
  const long = all.filter(({ lines }) => lines > LONGEST_FILE).map(({ path, lines }) => `${path}: ${lines}`);
  assert.deepEqual(long, []);
});

Deno.test("no file names this or any other machine, nor hides unfinished work", () => {
  const unfinished = /\b(?:TODO|FIXME|XXX)\b|@ts-ignore|@ts-nocheck/;
  const wrong = [...SOURCE, ...sources(join(ROOT, "scripts"))]
    .filter(({ text }) =>
      unfinished.test(text) || /["'`](?:\/home\/|\/Users\/|[A-Z]:\\Users)/.test(withoutComments(text))
    )
    .map(({ path }) => path);
  assert.deepEqual(wrong, []);
});

Deno.test("the figures of the layout are printed: short files, and test lines for each line of source", () => {
  const sum = (files: SourceFile[]) => files.reduce((total, { lines }) => total + lines, 0);
  const short = SOURCE.filter(({ lines }) => lines < SHORT_FILE).length;
  const ratio = sum(sources(join(ROOT, "tests"))) / sum(SOURCE);
  console.log(
    `src: ${SOURCE.length} files, ${sum(SOURCE)} lines, ${Math.round(100 * short / SOURCE.length)} % under ` +
      `${SHORT_FILE} lines; tests: ${ratio.toFixed(2)} lines for each line of source`,
  );
  assert.ok(SOURCE.length > 0, "src/ has no files");
});
