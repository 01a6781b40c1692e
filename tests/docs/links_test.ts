import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { anchors, blockLines, inlineCode, links, pageAt, pages, ROOT, targetOf } from "./pages.ts";

const PAGES = pages();

Deno.test("every link leads to a file that is there, and to a heading of it", () => {
  let count = 0;
  for (const page of PAGES) {
    for (const link of links(page)) {
      const { path, anchor } = targetOf(page, link);
      assert.ok(existsSync(join(ROOT, path)), `${page.path}: ${link} leads nowhere`);
      if (anchor !== "") {
        assert.ok(anchors(pageAt(path)).has(anchor), `${page.path}: no heading for ${link}`);
      }
      count++;
    }
  }
  assert.ok(count > 60, String(count));
});

Deno.test("every file of this repository that a text names is there", () => {
  let count = 0;
  for (const page of PAGES) {
    for (const code of [...inlineCode(page), ...blockLines(page)]) {
      for (
        const [path] of code.matchAll(/(?<![\w./~$@-])(?:src|tests|docs|scripts|plugin|\.ci)\/[\w./-]*\w/g)
      ) {
        assert.ok(existsSync(join(ROOT, path)), `${page.path}: ${path} is not there`);
        count++;
      }
    }
  }
  assert.ok(count > 20, String(count));
});

Deno.test("every page can be found from the README, and has one title", () => {
  const named = new Set(links(pageAt("README.md")).map((link) => targetOf(pageAt("README.md"), link).path));
  for (const page of PAGES.filter(({ path }) => /^(?:docs\/)?[^/]+\.md$/.test(path))) {
    if (page.path !== "README.md") assert.ok(named.has(page.path), `README.md has no link to ${page.path}`);
    const titles = page.text.replaceAll(/^```[\s\S]*?^```/gm, "").match(/^# /gm) ?? [];
    assert.equal(titles.length, 1, `${page.path} has ${titles.length} titles`);
    assert.ok(page.text.startsWith("# "), `${page.path} begins with something else`);
  }
});

Deno.test("a link that leads nowhere, and a heading that is none, would be noticed", () => {
  const page = {
    path: "docs/a.md",
    text: "# A page\n\nSee [b](b.md#two-words), `[c](c.md)` and [d](#a-page).\n",
  };
  assert.deepEqual(links(page), ["b.md#two-words", "#a-page"]);
  assert.deepEqual(targetOf(page, "b.md#two-words"), { path: "docs/b.md", anchor: "two-words" });
  assert.deepEqual(targetOf(page, "../LICENSE"), { path: "LICENSE", anchor: "" });
  assert.ok(anchors(page).has(targetOf(page, "#a-page").anchor));
  assert.deepEqual(
    [...anchors({ path: "x.md", text: "## `--reveal`: Real values\n\n## Twice\n\n## Twice\n" })],
    ["--reveal-real-values", "twice", "twice-1"],
  );
});
