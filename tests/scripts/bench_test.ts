import assert from "node:assert/strict";
import { auditSpeed } from "../bench/audit.ts";
import { figure, spreadText } from "../bench/format.ts";
import { load, responseLength } from "../bench/load.ts";
import { type Section, thisMachine, toMarkdown } from "../bench/report.ts";
import { quantile, ratios, spread } from "../bench/statistics.ts";

Deno.test("medians and spreads of odd, even and empty lists", () => {
  assert.deepEqual(spread([3, 1, 2]), { median: 2, min: 1, max: 3, runs: 3 });
  assert.deepEqual(spread([4, 1, 2, 3]), { median: 2.5, min: 1, max: 4, runs: 4 });
  assert.equal(quantile([1, 2, 3, 4, 5], 0.99), 4.96);
  assert.ok(Number.isNaN(spread([]).median));
});

Deno.test("ratios pair the runs of a round and leave out what cannot be divided", () => {
  assert.deepEqual(ratios([10, 20, 30], [5, 0, 10]), [2, 3]);
  assert.deepEqual(ratios([1, 2], [4]), [0.25]);
});

Deno.test("figures have three digits, and thousands stand apart", () => {
  assert.deepEqual([0.012345, 9.8765, 99.99, 1234567, NaN].map(figure), [
    "0.0123",
    "9.88",
    "100",
    "1 234 567",
    "–",
  ]);
  assert.equal(spreadText(spread([1000, 2000, 4000])), "2 000 (1 000–4 000)");
});

Deno.test("the load generator knows where an answer ends, by length, in chunks, or with no body", () => {
  const length = (text: string) => responseLength(new TextEncoder().encode(text));
  assert.equal(length("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"), 40);
  assert.equal(length("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no"), null);
  assert.equal(length("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"), 59);
  assert.equal(length("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n"), null);
  assert.equal(length("HTTP/1.1 204 No Content\r\n\r\n"), 27);
  assert.equal(length("HTTP/1.1 200 OK\r\nConte"), null);
});

Deno.test("the load generator counts answers, and counts what is not 200 as failed", async () => {
  let requests = 0;
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, () => {
    requests++;
    return new Response("ok", { status: requests > 3 ? 500 : 200 });
  });
  try {
    const request = "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
    const result = await load({ port: server.addr.port, connections: 2, seconds: 0.2, request });
    assert.ok(requests > 3);
    assert.equal(result.failed, requests - 3);
  } finally {
    await server.shutdown();
  }
});

Deno.test("the report names machine, method, figures and every target with its outcome", () => {
  const section: Section = {
    title: "A thing",
    method: "How it was done.",
    columns: ["what", "ms"],
    rows: [["one", "1"], ["two", "2"]],
    targets: [
      { text: "quick", measured: "1 ms", reached: true },
      { text: "quicker", measured: "2 ms", reached: false },
    ],
    data: null,
  };
  const markdown = toMarkdown(thisMachine(true), [section]);
  assert.match(markdown, /^# Benchmarks\n/);
  assert.match(markdown, /reduced sizes/);
  assert.ok(markdown.includes("| what | ms |\n| --- | --: |\n| one | 1 |\n| two | 2 |\n"));
  assert.ok(markdown.includes("- reached: quick (1 ms)\n- **not reached**: quicker (2 ms)\n"));
});

Deno.test("the log's benchmark finds what it wrote, and checks every row", async () => {
  const { rows, targets } = await auditSpeed({ rows: 6_000, rounds: 1 });
  const found = Object.fromEntries(rows.map(([what, count]) => [what, count]));
  assert.equal(found["refusals"], "50");
  assert.equal(found["a rare credential"], "1");
  assert.equal(found["a credential that is not there"], "0");
  assert.equal(found["checking every row"], "6 001", "with the row that the vault was made");
  assert.equal(targets.length, 2);
});
