import assert from "node:assert/strict";
import { CLIENTS } from "./clients.ts";
import type { Client } from "./client.ts";
import { clientsPage } from "./page.ts";
import type { Row } from "./try_clients.ts";

const client = (name: string): Client => ({
  name,
  source: "somewhere",
  version: () => Promise.resolve(null),
  command: () => null,
});

Deno.test("a row has a cell for each way; remarks are numbered, the same one once", () => {
  const rows: Row[] = [
    {
      client: client("a"),
      version: "1.0",
      findings: new Map([
        ["run", { verdict: "works", remark: "mind this" }],
        ["base", { verdict: "works", remark: "" }],
        ["forward", { verdict: "fails", remark: "no variables" }],
      ]),
    },
    { client: client("b"), version: null, findings: new Map() },
    {
      client: client("c"),
      version: "2.0",
      findings: new Map([["run", { verdict: "works", remark: "mind this" }]]),
    },
  ];
  const page = clientsPage(rows, "2030-01-02");
  assert.ok(page.includes("| a | 1.0 | works (1) | works | does not (2) | somewhere |\n"));
  assert.ok(page.includes("| b |  | absent | absent | absent | somewhere |\n"));
  assert.ok(page.includes("| c | 2.0 | works (1) | absent | absent | somewhere |\n"));
  assert.ok(page.includes("1. mind this\n2. no variables\n"));
  assert.ok(page.includes("2030-01-02"));
});

Deno.test("the written page has a row for each client of the table, and all that the table says of them", async () => {
  const page = await Deno.readTextFile(new URL("../../docs/clients.md", import.meta.url));
  const names = page.split("\n").filter((line) => line.startsWith("| ")).map((line) =>
    line.split("|")[1]?.trim()
  );
  assert.deepEqual(names.slice(2), CLIENTS.map(({ name }) => name), "run: deno task clients");
  const words = page.replaceAll(/\s+/g, " ");
  for (const { name, ways } of CLIENTS) {
    for (const expected of Object.values(ways ?? {})) {
      const remark = "note" in expected ? expected.note : expected.why;
      assert.ok(words.includes(remark), `${name}: ${remark} (run: deno task clients)`);
    }
  }
});
