import assert from "node:assert/strict";
import fc from "fast-check";
import { daemonEnvironment, spelled } from "../../src/platform/environment.ts";

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
  for (const name of ["DENO_DIR", "XDG_CACHE_HOME"]) {
    assert.equal(daemonEnvironment({ [name]: "/d" }, true)[name], "/d");
    assert.equal(daemonEnvironment({ [name]: "/d" }, false)[name], undefined);
  }
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

Deno.test("on Windows the case of a name does not count, and each passes as it is usually spelled", () => {
  const all = {
    SYSTEMROOT: "C:\\Windows",
    UserProfile: "C:\\Users\\p",
    Wispkey_Fallback_Openai: "sk",
    Wispkey_Password: "p",
    node_options: "x",
  };
  assert.deepEqual(daemonEnvironment(all, false, true), {
    SystemRoot: "C:\\Windows",
    USERPROFILE: "C:\\Users\\p",
    WISPKEY_FALLBACK_OPENAI: "sk",
  });
  assert.deepEqual(daemonEnvironment(all, false, false), {});
  assert.deepEqual(["systemroot", "Path", "LANG"].map((name) => spelled(name, true)), [
    "SystemRoot",
    "PATH",
    "LANG",
  ]);
  assert.equal(spelled("systemroot", false), "systemroot");
});
