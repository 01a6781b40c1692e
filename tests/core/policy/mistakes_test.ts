import assert from "node:assert/strict";
import { mistakesOf, policiesOf, policy } from "./support.ts";

/** What is done wrong, the text, and what is said of it: line and column first. */
const MISTAKES: readonly (readonly [what: string, text: string, said: string])[] = [
  [
    "unknown key",
    policy('alowed_hosts = ["a.test"]', "deny = true"),
    "3:1: unknown key 'alowed_hosts': did you mean 'allowed_hosts'?",
  ],
  [
    "unknown key, nothing near",
    policy('flavour = "sweet"', "deny = true"),
    "3:1: unknown key 'flavour': a policy has name, credential, caller, agent, project, allowed_hosts, denied_hosts, allowed_methods, allowed_paths, denied_paths, rate_limit, time_window, days, deny, require_approval, max_body, expires, rate_key, monitor",
  ],
  [
    "unknown top-level key",
    'version = 1\n[[policy]]\nname = "p"\ndeny = true\n',
    "1:1: unknown key 'version': a policy file holds [[policy]] tables, nothing else",
  ],
  [
    "mistyped table",
    '[[polciy]]\nname = "p"\ndeny = true\n',
    "1:1: unknown key 'polciy': did you mean '[[policy]]'?",
  ],
  [
    "one bracket",
    '[policy]\nname = "p"\ndeny = true\n',
    "1:1: 'policy' is a table: write [[policy]], with two brackets, before each policy",
  ],
  [
    "policy is a value",
    'policy = "p"\n',
    "1:1: 'policy' is a text: write [[policy]], with two brackets, before each policy",
  ],
  ["policy is a list of texts", 'policy = ["p"]\n', "1:11: a policy is a table, not a text"],
  ["no name", "[[policy]]\ndeny = true\n", '1:1: a policy needs a name: name = "reads-only"'],
  [
    "name of another type",
    "[[policy]]\nname = 7\ndeny = true\n",
    "2:8: name must be a text in quotes, not a number",
  ],
  ["blank name", '[[policy]]\nname = " "\ndeny = true\n', "2:8: invalid policy name ' ': it is blank"],
  [
    "name with a control character",
    '[[policy]]\nname = "a\\u0007"\ndeny = true\n',
    "2:8: invalid policy name 'a\\u{7}': it holds a control character",
  ],
  [
    "same name twice",
    '[[policy]]\nname = "p"\ndeny = true\n\n[[policy]]\nname = "p"\ndeny = true\n',
    "6:8: the policy in line 1 is named 'p' too",
  ],
  [
    "restricts nothing",
    policy('credential = "aws"'),
    "2:1: the policy restricts nothing: add one of allowed_hosts, denied_hosts, allowed_methods, allowed_paths, denied_paths, rate_limit, time_window, days, deny, require_approval, max_body, expires",
  ],
  [
    "caller and agent",
    policy('caller = "a"', 'agent = "b"', "deny = true"),
    "4:1: 'agent' is the older name of 'caller': write one of them",
  ],
  [
    "credential of another type",
    policy("credential = true", "deny = true"),
    "3:14: credential must be a text in quotes, or a list of them, not true",
  ],
  [
    "empty credential",
    policy('credential = ""', "deny = true"),
    "3:14: a name is blank: write '*' for every name, or leave the key out",
  ],
  [
    "glob sign",
    policy('credential = "aws-[ab]"', "deny = true"),
    "3:14: 'aws-[ab]': '[' has no meaning in a name, only '*' has; write '\\[' for the sign itself, or a list of names",
  ],
  [
    "glob question mark in a list",
    policy('credential = ["aws", "gcp-?"]', "deny = true"),
    "3:22: 'gcp-?': '?' has no meaning in a name, only '*' has; write '\\?' for the sign itself, or a list of names",
  ],
  [
    "negated glob",
    policy('caller = "!ci"', "deny = true"),
    "3:10: '!ci': '!' has no meaning in a name, only '*' has; write '\\!' for the sign itself, or a list of names",
  ],
  [
    "bad escape in a glob",
    policy('project = "a\\\\b"', "deny = true"),
    "3:11: 'a\\b': '\\' must stand before one of * ? [ ] { } ! \\",
  ],
  ["padded glob", policy('project = " a"', "deny = true"), "3:11: ' a' starts or ends with a blank"],
  [
    "hosts as a text",
    policy('allowed_hosts = "api.aws.com"'),
    '3:17: allowed_hosts must be a list of texts: ["…", "…"], not a text',
  ],
  [
    "host of another type in a list",
    policy('allowed_hosts = ["a.test", 5]'),
    "3:28: allowed_hosts must be a text in quotes, not a number",
  ],
  [
    "empty list",
    policy("allowed_hosts = []"),
    "3:17: allowed_hosts is empty: leave it out to say nothing, or write deny = true to allow nothing",
  ],
  [
    "host twice",
    policy('allowed_hosts = ["a.test", "b.test", "a.test"]'),
    "3:38: 'a.test' is named twice in allowed_hosts",
  ],
  [
    "host with a path",
    policy('allowed_hosts = ["api.aws.com/v1/items"]'),
    "3:18: 'api.aws.com/v1/items' is no host: a path goes into allowed_paths or denied_paths",
  ],
  [
    "host with userinfo",
    policy('allowed_hosts = ["x@a.test"]'),
    "3:18: 'x@a.test' is no host: it has userinfo before its host",
  ],
  [
    "host with a star inside",
    policy('denied_hosts = ["api.*.com"]'),
    "3:17: 'api.*.com' is no host: a star is the whole host, or stands before its first dot: '*.example.com'",
  ],
  [
    "host with a star glued",
    policy('denied_hosts = ["*evil.com"]'),
    "3:17: '*evil.com' is no host: a star is the whole host, or stands before its first dot: '*.example.com'",
  ],
  ["host with a blank", policy('denied_hosts = ["a b"]'), "3:17: 'a b' is no host: it cannot be read"],
  [
    "host of another scheme",
    policy('denied_hosts = ["ftp://a.test"]'),
    "3:17: 'ftp://a.test' is no host: its scheme is neither http nor https",
  ],
  [
    "bad port",
    policy('denied_hosts = ["a.test:70000"]'),
    "3:17: 'a.test:70000' is no host: its port is not a number from 1 to 65535",
  ],
  [
    "subdomains of an address",
    policy('denied_hosts = ["*.127.0.0.1"]'),
    "3:17: '*.127.0.0.1' is no host: an address has no subdomains",
  ],
  [
    "bare IPv6",
    policy('denied_hosts = ["::1"]'),
    "3:17: '::1' is no host: its port cannot be read; write an IPv6 address in brackets",
  ],
  [
    "host allowed and denied",
    policy('allowed_hosts = ["a.test"]', 'denied_hosts = ["a.test"]'),
    "4:17: 'a.test' is in allowed_hosts too",
  ],
  ["mistyped method", policy('allowed_methods = ["GTE"]'), "3:20: unknown method 'GTE': did you mean 'GET'?"],
  [
    "all methods",
    policy('allowed_methods = ["*"]'),
    "3:20: '*' is no method: leave allowed_methods out to allow all",
  ],
  ["method with a blank", policy('allowed_methods = ["GET POST"]'), "3:20: 'GET POST' is no method"],
  [
    "CONNECT",
    policy('allowed_methods = ["CONNECT"]'),
    "3:20: CONNECT never carries a credential, so no policy can allow it",
  ],
  [
    "relative path",
    policy('allowed_paths = ["v1/**"]'),
    "3:18: 'v1/**' is no path: it must start with '/': '/v1/**'",
  ],
  [
    "path with a query",
    policy('allowed_paths = ["/v1?x=1"]'),
    "3:18: '/v1?x=1' is no path: a query is not part of it, and '?' is no wildcard",
  ],
  [
    "path is a URL",
    policy('denied_paths = ["https://a.test/x"]'),
    "3:17: 'https://a.test/x' is no path: hosts go into allowed_hosts or denied_hosts",
  ],
  [
    "three stars",
    policy('denied_paths = ["/a/***"]'),
    "3:17: '/a/***' is no path: '***' has no meaning; '**' is everything below",
  ],
  [
    "brackets in a path",
    policy('denied_paths = ["/{a,b}"]'),
    "3:17: '/{a,b}' is no path: brackets and braces have no meaning in it; write several paths",
  ],
  [
    "dot segments",
    policy('denied_paths = ["/a/../b"]'),
    "3:17: '/a/../b' is no path: it has '.' or '..' segments",
  ],
  [
    "ambiguous path",
    policy('denied_paths = ["/a%2Fb"]'),
    "3:17: '/a%2Fb' is no path: hosts could read it in two ways (';', '\\', '%2F', a blank or a bad escape)",
  ],
  [
    "escaped star",
    policy('denied_paths = ["/a%2Ab"]'),
    "3:17: '/a%2Ab' is no path: a star cannot be written as %2A",
  ],
  [
    "path allowed and denied",
    policy('allowed_paths = ["/a/**"]', 'denied_paths = ["/b", "/a/**"]'),
    "4:23: '/a/**' is in allowed_paths too",
  ],
  [
    "rate without a unit",
    policy('rate_limit = "10"'),
    "3:14: '10' is no rate: write a number, '/' and a unit: '10/minute'",
  ],
  ["rate as a number", policy("rate_limit = 10"), "3:14: rate_limit must be a text in quotes, not a number"],
  [
    "unknown rate unit",
    policy('rate_limit = "10/mintue"'),
    "3:14: '10/mintue' is no rate: unknown unit 'mintue': did you mean 'minute'?",
  ],
  [
    "week",
    policy('rate_limit = "10/week"'),
    "3:14: '10/week' is no rate: unknown unit 'week': write one of second, minute, hour, day",
  ],
  [
    "rate of nothing",
    policy('rate_limit = "0/minute"'),
    "3:14: '0/minute' lets nothing pass: write deny = true to say that",
  ],
  [
    "negative rate",
    policy('rate_limit = "-1/minute"'),
    "3:14: '-1/minute' is no rate: '-1' is not a whole number",
  ],
  [
    "fraction of a rate",
    policy('rate_limit = "1.5/minute"'),
    "3:14: '1.5/minute' is no rate: '1.5' is not a whole number",
  ],
  [
    "huge rate",
    policy('rate_limit = "9999999999/day"'),
    "3:14: '9999999999/day' is no limit: the most is 1000000000",
  ],
  [
    "rate key alone",
    policy('rate_key = "caller"', "deny = false"),
    "3:1: rate_key does nothing without rate_limit",
  ],
  [
    "unknown rate key",
    policy('rate_limit = "1/s"', 'rate_key = "calller"'),
    "4:12: unknown rate key 'calller': did you mean 'caller'?",
  ],
  [
    "no times",
    policy('time_window = "America/New_York"'),
    "3:15: 'America/New_York' is no time window: write '09:00-17:00 America/New_York'",
  ],
  [
    "25 o'clock",
    policy('time_window = "09:00-25:00 UTC"'),
    "3:15: '25:00' is no time of day: it goes from '00:00' to '23:59'",
  ],
  [
    "60 minutes",
    policy('time_window = "09:60-17:00 UTC"'),
    "3:15: '09:60' is no time of day: it goes from '00:00' to '23:59'",
  ],
  [
    "one-digit hour",
    policy('time_window = "9:00-17:00 UTC"'),
    "3:15: '9:00' is no time of day: write hours and minutes as '09:05'",
  ],
  [
    "a dash of another kind",
    policy('time_window = "09:00–17:00 UTC"'),
    "3:15: '09:00–17:00' are no times: write '09:00-17:00', with '-' between",
  ],
  [
    "no time at all",
    policy('time_window = "09:00-09:00 UTC"'),
    "3:15: '09:00-09:00' begins when it ends: write '00:00-24:00' for the whole day",
  ],
  [
    "mistyped zone",
    policy('time_window = "09:00-17:00 America/NewYork"'),
    "3:15: unknown time zone 'America/NewYork': did you mean 'America/New_York'?",
  ],
  [
    "zone by city",
    policy('time_window = "09:00-17:00 Berlin"'),
    "3:15: unknown time zone 'Berlin': did you mean 'Europe/Berlin'?",
  ],
  [
    "offset for a zone",
    policy('time_window = "09:00-17:00 +02:00"'),
    "3:15: unknown time zone '+02:00': write one such as America/New_York or UTC",
  ],
  [
    "no such zone",
    policy('time_window = "09:00-17:00 Mars/Olympus"'),
    "3:15: unknown time zone 'Mars/Olympus': write one such as America/New_York or UTC",
  ],
  [
    "two zones",
    policy('time_window = "09:00-17:00 UTC GMT"'),
    "3:15: '09:00-17:00 UTC GMT' is no time window: after the times comes one time zone, nothing else",
  ],
  [
    "mistyped day",
    policy('days = "Mon-Fry"'),
    "3:8: 'Fry' is no day of the week: write one of Mon, Tue, Wed, Thu, Fri, Sat, Sun",
  ],
  ["no day", policy('days = ""'), "3:8: no day is named: write 'Mon-Fri' or 'Sat, Sun'"],
  ["a day twice", policy('days = ["Mon-Fri", "Fri"]'), "3:20: a day is named twice in days"],
  [
    "a day from itself",
    policy('days = "Mon-Mon"'),
    "3:8: 'Mon-Mon' are no days: it begins and ends with the same one",
  ],
  [
    "days twice",
    policy('time_window = "Mon-Fri 09:00-17:00 UTC"', 'days = "Sat"'),
    "4:1: time_window names days already",
  ],
  [
    "days of another zone",
    policy('time_window = "09:00-17:00 UTC"', 'days = "Sat Europe/Berlin"'),
    "4:8: days are in Europe/Berlin, time_window is in UTC",
  ],
  [
    "expires as a date",
    policy("expires = 2027-01-31"),
    "3:11: expires must say where its time is: write the offset behind it: 2027-01-31T17:00:00-05:00",
  ],
  [
    "expires without a zone",
    policy("expires = 2027-01-31T10:00:00"),
    "3:11: expires must say where its time is: write the offset behind it: 2027-01-31T17:00:00-05:00",
  ],
  [
    "expires as a wrong text",
    policy('expires = "tomorrow"'),
    "3:11: 'tomorrow' is no moment: write date, time and offset: 2027-01-31T17:00:00-05:00",
  ],
  [
    "expires as a number",
    policy("expires = 5"),
    "3:11: expires must be a moment such as 2027-01-31T17:00:00-05:00, not a number",
  ],
  ["negative size", policy("max_body = -1"), "3:12: '-1' is no size: '-1' is not a whole number"],
  ["fraction of a size", policy("max_body = 1.5"), "3:12: '1.5' is no size: '1.5' is not a whole number"],
  [
    "unknown size unit",
    policy('max_body = "5 MBi"'),
    "3:12: '5 MBi' is no size: unknown unit 'MBi': write KiB, MiB or GiB",
  ],
  [
    "size as a list",
    policy("max_body = [1]"),
    '3:12: max_body must be a number of bytes or a text such as "64KiB", not a list',
  ],
  ["huge size", policy('max_body = "99999999 GiB"'), "3:12: '99999999 GiB' is larger than any body"],
  ["deny as a text", policy('deny = "true"'), "3:8: deny must be true or false, without quotes, not a text"],
  [
    "deny and more",
    policy("deny = true", 'allowed_hosts = ["a.test"]'),
    "4:1: allowed_hosts does nothing beside deny = true, which denies all use",
  ],
  [
    "approval as a number",
    policy("require_approval = 1"),
    '3:20: require_approval must be true, false or a list of requests: ["POST", "DELETE /v1/**"], not a number',
  ],
  [
    "approval of a mistyped method",
    policy('require_approval = ["PSOT"]'),
    "3:21: unknown method 'PSOT': did you mean 'POST'?",
  ],
  [
    "approval of no request",
    policy('require_approval = ["POST /a /b"]'),
    "3:21: 'POST /a /b' names no requests: write a method, a path or both: 'POST /v1/**'",
  ],
  [
    "approval that only monitors",
    policy("require_approval = true", "monitor = true"),
    "3:1: a policy that only monitors asks nobody: put require_approval into another",
  ],
  [
    "monitor as a text",
    policy('monitor = "yes"', "deny = true"),
    "3:11: monitor must be true or false, without quotes, not a text",
  ],
];

for (const [what, text, said] of MISTAKES) {
  Deno.test(`a mistake is named with line and column: ${what}`, () => {
    assert.deepEqual(mistakesOf(text), [`p:${said}`]);
  });
}

Deno.test("all mistakes of a file are told, in their order", () => {
  const text = policy("deny = 1", 'rate_limit = "x"') + policy('allowed_hosts = ["a b", "ok.test", "*x"]');
  assert.deepEqual(mistakesOf(text).map((said) => said.split(": ")[0]), [
    "p:3:8",
    "p:4:14",
    "p:6:8",
    "p:7:18",
    "p:7:36",
  ]);
});

Deno.test("places are right behind comments, long strings, dotted keys, inline tables and a byte order mark", () => {
  const text = [
    "\ufeff# a comment with [[policy]] in it",
    "[[policy]]  # and one here",
    'name = """',
    'long""" # quotes',
    "allowed_hosts = [ # hosts",
    "  'a.test', # one",
    '  "b\\u002etest",',
    "  'a b',",
    "]",
    "credential.glob = 'x'",
    "",
  ].join("\r\n");
  assert.deepEqual(mistakesOf(text).map((said) => said.split(": ")[0]), ["p:8:3", "p:10:1"]);
  assert.deepEqual(
    mistakesOf('policy = [{ name = "a", deny = true }, { name = "b", deny = 1 }]\n'),
    ["p:1:61: deny must be true or false, without quotes, not a number"],
  );
  assert.deepEqual(mistakesOf("\ufeffx = 1\n")[0]?.split(": ")[0], "p:1:2");
});

Deno.test("policies may be written as inline tables and with quoted keys", () => {
  const [first] = policiesOf('policy = [{ name = "a", "allowed_methods" = ["get"] }]\n');
  assert.deepEqual(first?.allowedMethods, ["GET"]);
});

/** Texts that are not TOML, and where the parser must stop. */
const NOT_TOML: readonly (readonly [text: string, line: number])[] = [
  ["[[policy]\n", 1],
  ["[[policy]]\nname = \n", 2],
  ["[[policy]]\nname = 'a\n'\n", 2],
  ['[[policy]]\nname = "a\\q"\n', 2],
  ['[[policy]]\nname = "a"\nname = "b"\n', 3],
  ["[[policy]]\nname = a\n", 2],
  ['[[policy]]\nallowed_hosts = ["a" "b"]\n', 2],
  ['[[policy]]\nallowed_hosts = ["a"\n', 3],
  ['[[policy]]\nname "a"\n', 2],
  ["[[policy]]\ndeny = True\n", 2],
  ["[[policy]]\nmax_body = 01\n", 2],
  ["[[policy]]\nmax_body = 1__0\n", 2],
  ["[[policy]]\nexpires = 2027-13-01T00:00:00Z\n", 2],
  ['[[policy]]\nname = "a" deny = true\n', 2],
  ["[policy]\n[[policy]]\n", 2],
  ["[[policy]]\n= 1\n", 2],
  ["\u0000", 1],
  ["a.b = 1\na.b.c = 2\n", 2],
];

for (const [text, line] of NOT_TOML) {
  Deno.test(`text that is not TOML is refused with line and column: ${JSON.stringify(text)}`, () => {
    const [first, ...others] = mistakesOf(text);
    assert.match(first ?? "", new RegExp(`^p:${line}:\\d+: [^\\n]+$`));
    assert.deepEqual(others, []);
  });
}

Deno.test("an empty file, and one with comments alone, hold no policies", () => {
  assert.deepEqual(policiesOf(""), []);
  assert.deepEqual(policiesOf("# nothing yet\n"), []);
});

Deno.test("more policies than a file may hold are a mistake", () => {
  const many = Array.from({ length: 4097 }, (_, i) => `[[policy]]\nname = "p${i}"\ndeny = true\n`).join("");
  assert.deepEqual(mistakesOf(many), ["p:12289:1: more than 4096 policies"]);
});
