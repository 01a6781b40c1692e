/** A path that a rule forbids, written so that the rule does not see it and the host does. */

import assert from "node:assert/strict";
import { Bench, policy } from "../core/policy/support.ts";

/** What a glob of a library makes of a path as it came. */
const naive = (path: string) => path.startsWith("/admin/");

Deno.test("a forbidden path stays forbidden in every spelling that a host may read as it", () => {
  const bench = new Bench(policy('denied_paths = ["/admin/**"]'));
  const spellings = [
    "/admin",
    "//admin/x",
    "/%61dmin/x",
    "/a/../admin/x",
    "/a/%2e%2e/admin/x",
    "/./admin/x",
    "/admin%2fx",
    "/admin;v=1/x",
    "/%2561dmin%2fx",
    "/a/..;/admin/x",
  ];
  assert.ok(spellings.every((path) => !naive(path)), "a naive glob sees none of them");
  for (const path of spellings) {
    assert.match(bench.ask({ url: `https://api.aws.com${path}` }), /^deny/, path);
  }
  assert.equal(bench.ask({ url: "https://api.aws.com/administrators" }), "allow");
});

Deno.test("a method that is said twice is the one that the host may take", () => {
  const bench = new Bench(policy('allowed_methods = ["GET"]'));
  const naiveMethod = (method: string) => method === "GET";
  assert.ok(
    naiveMethod("GET"),
    "a naive rule looks at the request line and lets X-HTTP-Method-Override: DELETE through",
  );
  assert.match(bench.ask({ method: "GET", overridden: true }), /^deny/);
  assert.equal(bench.ask({ method: "GET" }), "allow");
});
