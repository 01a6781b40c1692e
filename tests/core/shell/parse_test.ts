import assert from "node:assert/strict";
import fc from "fast-check";
import { parseScript } from "../../../src/core/shell/parse.ts";
import { plainText } from "../../../src/core/shell/words.ts";
import { decodeEscapes } from "../../../src/core/shell/escapes.ts";
import { shellQuote } from "../../../src/core/shell_quote.ts";
import type { Command, Script } from "../../../src/core/shell/syntax.ts";

/** The words of the first command. */
function wordsOf(text: string): (string | null)[] {
  const command = parseScript(text)[0]?.[0];
  assert.equal(command?.kind, "simple");
  return command?.kind === "simple" ? command.words.map(plainText) : [];
}

/** Names of all programs, in order, substitutions left aside. */
function programs(script: Script): string[] {
  const of = (command: Command): string[] => {
    if (command.kind === "function") return [`${command.name}()`, ...of(command.body)];
    if (command.kind === "group") return programs(command.body);
    return command.words.length === 0 ? [] : [plainText(command.words[0] ?? []) ?? "?"];
  };
  return script.flat().flatMap(of);
}

Deno.test("any words, quoted, are read back as they were", () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: "binary", maxLength: 12 }), { minLength: 1, maxLength: 6 }),
      (words) => {
        fc.pre(!words.some((word) => word.includes("\u0000")));
        const all = [
          "program",
          ...words.filter((word) => word !== ""),
        ];
        assert.deepEqual(wordsOf(all.map(shellQuote).join(" ")), all);
        assert.deepEqual(
          wordsOf(all.map((word) => `"${word.replaceAll(/[\\"$`]/g, "\\$&")}"`).join("\t")),
          all,
        );
      },
    ),
  );
});

Deno.test("no text makes the parser fail or run on", () => {
  const pieces = fc.constantFrom(
    ..."$( ) ` \" ' \\ { } ${ } << <<- EOF \n ; & | && || if then fi while do done for in case esac ;; ( ) (( )) a=b $x > < <( >( # ! function f() a b"
      .split(" "),
  );
  fc.assert(
    fc.property(
      fc.array(fc.oneof(pieces, fc.string({ maxLength: 4 })), { maxLength: 40 }),
      fc.constantFrom("", " "),
      (parts, glue) => {
        assert.ok(Array.isArray(parseScript(parts.join(glue))));
      },
    ),
    { numRuns: 500 },
  );
  for (const deep of ["$(", "`", "(", "{ ", '"$(', "${a:-", "if ", "<(", "f() "]) {
    parseScript(deep.repeat(20_000));
  }
  parseScript("a".repeat(2_000_000));
});

Deno.test("lists, pipelines, groups and keywords lead to their commands", () => {
  assert.deepEqual(programs(parseScript("a && b || c; d & e | f |& g\nh")), [..."abcdefgh"]);
  assert.deepEqual(programs(parseScript("(a; { b; }) | c")), ["a", "b", "c"]);
  assert.deepEqual(programs(parseScript("if a; then b; elif c; then d; else e; fi")), [..."abcde"]);
  assert.deepEqual(programs(parseScript("while a; do b; done; until c; do d; done")), [..."abcd"]);
  assert.deepEqual(programs(parseScript("for x in 1 2; do a; done\nb")), ["a", "b"]);
  assert.ok(programs(parseScript("case $x in y) a;; z) b;; esac; c")).includes("c"));
  assert.deepEqual(programs(parseScript("f() { a; }; function g { b; }")), ["f()", "a", "g()", "b"]);
  assert.deepEqual(programs(parseScript("! time a")), ["a"]);
  assert.deepEqual(programs(parseScript("a | # note\n  b")), ["a", "b"]);
  assert.deepEqual(programs(parseScript("# a\nb # c")), ["b"]);
});

Deno.test("here-documents belong to their command, quoted ones are text", () => {
  const [[first], [second]] = parseScript("cat <<A <<'B' | sh\none $x\nA\ntwo $x\nB\nls") as [
    [Command],
    [Command],
  ];
  assert.equal(first.kind, "simple");
  const targets = first.kind === "simple" ? first.redirects.map(({ target }) => target) : [];
  assert.ok(targets[0]?.some((part) => part.kind === "variable"));
  assert.equal(plainText(targets[1] ?? []), "two $x\n");
  assert.equal(second.kind === "simple" ? plainText(second.words[0] ?? []) : "", "ls");
});

Deno.test("variables keep their operators, substitutions their scripts", () => {
  const command = parseScript('x "${a:-$(b)}" ${#c} ${!d} $1 `e`')[0]?.[0];
  const kinds = command?.kind === "simple" ? command.words.slice(1).map((word) => word[0]) : [];
  assert.deepEqual(
    kinds.map((part) => part?.kind === "variable" ? `${part.sign}${part.name}` : part?.kind),
    ["a", "#c", "!d", "1", "command"],
  );
});

Deno.test("escapes are decoded as printf does", () => {
  assert.equal(decodeEscapes("\\x65\\156\\u0076\\n\\q\\U0001f511"), "env\nq🔑");
});
