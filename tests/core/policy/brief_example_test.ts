import assert from "node:assert/strict";
import { type Asked, Bench } from "./support.ts";

/** To the letter. */
const EXAMPLE = `[[policy]]
name = "restrict-production"
credential = "aws-prod"
allowed_methods = ["GET"]
denied_paths = ["/admin/**", "/delete/**"]
allowed_hosts = ["api.aws.com"]
rate_limit = "10/minute"
time_window = "09:00-17:00 America/New_York"
`;

/** A Wednesday, 10:00 in New York. */
const OPEN = "2026-03-04T15:00:00Z";

function verdicts(asked: Asked[], at: string = OPEN): string[] {
  const bench = new Bench(EXAMPLE, at);
  return asked.map((each) => bench.ask(each));
}

Deno.test("the example lets through what all of its clauses allow", () => {
  assert.deepEqual(verdicts([{}]), ["allow"]);
});

Deno.test("credential: others are not its business", () => {
  const elsewhere = { url: "https://other.test/admin", method: "DELETE" };
  assert.deepEqual(verdicts([{ ...elsewhere, credential: "aws-staging" }, elsewhere]), [
    "allow",
    "deny allowed_hosts",
  ]);
});

Deno.test("allowed_methods: GET passes, all else is denied", () => {
  assert.deepEqual(
    verdicts([{ method: "GET" }, { method: "POST" }, { method: "HEAD" }, { method: "get" }, {
      overridden: true,
    }]),
    ["allow", "deny allowed_methods", "deny allowed_methods", "deny allowed_methods", "deny allowed_methods"],
  );
});

Deno.test("denied_paths: below /admin and /delete nothing passes, however it is spelled", () => {
  const at = (path: string) => ({ url: `https://api.aws.com${path}` });
  assert.deepEqual(
    verdicts(["/", "/administrator", "/v1/admin"].map(at)),
    Array(3).fill("allow"),
  );
  const denied = [
    "/admin",
    "/admin/",
    "/admin/users/1",
    "/Admin/x",
    "//admin/users",
    "/x/../admin/users",
    "/x/%2e%2e/admin",
    "/./admin",
    "/%61dmin/users",
    "/%61%64%6D%69%6E",
    "/delete",
    "/delete/x?force=1",
  ];
  for (const path of denied) assert.deepEqual(verdicts([at(path)]), ["deny denied_paths"], path);
});

Deno.test("a path that hosts could read in two ways is denied", () => {
  const paths = [
    "/x%2f..%2fadmin",
    "/x;/../admin",
    "/x/..%5cadmin",
    "/%252e%252e/admin",
    "/a//../admin",
    "/%c0%ae/x",
  ];
  for (const path of paths) {
    assert.deepEqual(verdicts([{ url: `https://api.aws.com${path}` }]), ["deny allowed_paths"], path);
  }
});

Deno.test("allowed_hosts: the host passes in any spelling, no other does", () => {
  const at = (host: string) => ({ url: `https://${host}/` });
  assert.deepEqual(verdicts(["api.aws.com", "API.AWS.COM", "api.aws.com.", "api.aws.com:443"].map(at)), [
    "allow",
    "allow",
    "allow",
    "allow",
  ]);
  for (const host of ["aws.com", "x.api.aws.com", "api.aws.com.evil.test", "evilapi.aws.com", "127.0.0.1"]) {
    assert.deepEqual(verdicts([at(host)]), ["deny allowed_hosts"], host);
  }
});

Deno.test("rate_limit: ten in a minute pass, the eleventh does not, until the first is a minute old", () => {
  const bench = new Bench(EXAMPLE, OPEN);
  const start = bench.clock.now;
  for (let i = 0; i < 10; i++) {
    bench.clock.now = start + i * 1000;
    assert.equal(bench.ask(), "allow");
  }
  assert.equal(bench.ask(), "limit rate_limit");
  bench.clock.now = start + 59_999;
  assert.equal(bench.ask(), "limit rate_limit");
  bench.clock.now = start + 60_000;
  assert.equal(bench.ask(), "allow");
  assert.equal(bench.ask(), "limit rate_limit");
});

Deno.test("time_window: nine to five by New York's clock, winter and summer, weekends too", () => {
  const at = (time: string) => verdicts([{}], time)[0];
  assert.equal(at("2026-01-15T13:59:59.999Z"), "deny time_window");
  assert.equal(at("2026-01-15T14:00:00Z"), "allow");
  assert.equal(at("2026-01-15T21:59:59.999Z"), "allow");
  assert.equal(at("2026-01-15T22:00:00Z"), "deny time_window");
  assert.equal(at("2026-07-15T12:59:59Z"), "deny time_window");
  assert.equal(at("2026-07-15T13:00:00Z"), "allow");
  assert.equal(at("2026-07-15T20:59:59Z"), "allow");
  assert.equal(at("2026-07-15T21:00:00Z"), "deny time_window");
  assert.equal(at("2026-07-18T15:00:00Z"), "allow");
});
