import assert from "node:assert/strict";
import { PROVIDERS } from "../../src/core/provider_catalogue.ts";
import { providersPage } from "../../scripts/lib/providers_page.ts";

Deno.test("the page of providers is the one the catalogue gives, but for how it is laid out", async () => {
  const page = await Deno.readTextFile(new URL("../../docs/providers.md", import.meta.url));
  const words = (text: string) => text.replace(/[\s|-]+/g, " ").trim();
  assert.equal(
    words(page),
    words(providersPage()),
    "run: deno run --allow-read --allow-write=docs/providers.md scripts/providers.ts && deno fmt docs/providers.md",
  );
});

Deno.test("every provider has a row, and no cell breaks the table", () => {
  const rows = providersPage().split("\n").filter((line) => /^\| (?!provider|---)/.test(line));
  assert.equal(rows.length, PROVIDERS.length);
  for (const row of rows) assert.equal(row.split(" | ").length, 5, row);
});
