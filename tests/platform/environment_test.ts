import assert from "node:assert/strict";
import fc from "fast-check";
import { daemonEnvironment } from "../../src/platform/environment.ts";

Deno.test("a daemon gets the listed variables and the fallbacks", () => {
  const all = {
    HOME: "/home/p",
    LANG: "C",
    TZ: "UTC",
    WISPKEY_SESSION_TIMEOUT: "5",
    WISPKEY_LOG: "info",
    WISPKEY_FALLBACK_OPENAI: "sk",
  };
  assert.deepEqual(daemonEnvironment(all, false), all);
});

Deno.test("the password, and what loads code or redirects keys, never passes", () => {
  const all = Object.fromEntries(
    [
      "WISPKEY_PASSWORD",
      "WISPKEY_BUNDLE_PASSPHRASE",
      "NODE_OPTIONS",
      "NODE_EXTRA_CA_CERTS",
      "DENO_AUTH_TOKENS",
      "DENO_CERT",
      "DENO_V8_FLAGS",
      "LD_PRELOAD",
      "LD_LIBRARY_PATH",
      "DYLD_INSERT_LIBRARIES",
      "SSLKEYLOGFILE",
      "HTTP_PROXY",
      "PATH",
      "BASH_ENV",
    ].map((name) => [name, "x"]),
  );
  assert.deepEqual(daemonEnvironment(all, false), {});
  assert.deepEqual(daemonEnvironment(all, true), { DENO_NO_UPDATE_CHECK: "1" });
});

Deno.test("the dependencies' directory passes from source only", () => {
  assert.equal(daemonEnvironment({ DENO_DIR: "/d" }, true)["DENO_DIR"], "/d");
  assert.equal(daemonEnvironment({ DENO_DIR: "/d" }, false)["DENO_DIR"], undefined);
});

Deno.test("no name outside the list passes, whatever it looks like", () => {
  const name = fc.oneof(
    fc.string(),
    fc.constantFrom("LD_", "NODE_", "DENO_", "WISPKEY_", "wispkey_fallback_x", "HOMEX", "XHOME").chain((
      prefix,
    ) => fc.string().map((rest) => prefix + rest)),
  );
  fc.assert(fc.property(fc.dictionary(name, fc.string()), (all) => {
    for (const kept of Object.keys(daemonEnvironment(all, false))) {
      assert.match(
        kept,
        /^(HOME|USERPROFILE|XDG_RUNTIME_DIR|TMPDIR|TEMP|TMP|LANG|LC_ALL|LC_CTYPE|TZ|SystemRoot|NO_COLOR)$|^WISPKEY_(VAULT_PATH|SESSION_TIMEOUT|PROJECT|LOG)$|^WISPKEY_FALLBACK_/,
      );
    }
  }));
});
