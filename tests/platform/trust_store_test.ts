import assert from "node:assert/strict";
import { dirname } from "node:path";
import {
  addAnchor,
  type Anchor,
  browserHint,
  hasAnchor,
  removeAnchor,
  type TrustSystem,
} from "../../src/platform/trust_store.ts";

const ANCHOR: Anchor = {
  name: "WispKey local CA 11112222",
  fingerprint: "11112222".padEnd(64, "0"),
  certificate: "-----BEGIN CERTIFICATE-----\nabc\n-----END CERTIFICATE-----\n",
};

const LINUX = [
  ["/usr/local/share/ca-certificates", "/usr/sbin/update-ca-certificates", "", "--fresh"],
  ["/etc/pki/ca-trust/source/anchors", "/usr/bin/update-ca-trust", "extract", "extract"],
  ["/etc/pki/trust/anchors", "/usr/sbin/update-ca-certificates", "", "--fresh"],
  ["/etc/ca-certificates/trust-source/anchors", "/usr/bin/trust", "extract-compat", "extract-compat"],
] as const;

/** A system in a directory of its own, with the given directory and program. */
async function withSystem(
  os: TrustSystem["os"],
  places: readonly string[],
  test: (system: TrustSystem, ran: string[]) => Promise<void>,
): Promise<void> {
  const root = await Deno.makeTempDir({ prefix: "wk-trust-" });
  const ran: string[] = [];
  const run: TrustSystem["run"] = async (path, args) => {
    const files = await Promise.all(
      args.filter((arg) => arg.endsWith(".pem")).map((arg) => Deno.readTextFile(arg)),
    );
    const words = args.map((arg) => arg.endsWith(".pem") ? "FILE" : arg);
    ran.push(
      [path.slice(root.length), ...words, ...files.map((text) => `(${text.length})`)].join(" ").trim(),
    );
    return null;
  };
  try {
    for (const place of places) {
      await Deno.mkdir(root + dirname(place), { recursive: true });
      if (place.includes("/bin/") || place.includes("/sbin/")) await Deno.writeTextFile(root + place, "");
      else await Deno.mkdir(root + place);
    }
    await test({ os, home: "/Users/p", root, run }, ran);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

for (const [directory, program, afterAdding, afterRemoving] of LINUX) {
  Deno.test(`on a Linux with ${directory} the file goes there and is read in, and comes out again`, () =>
    withSystem("linux", [directory, program], async (system, ran) => {
      assert.equal(await hasAnchor(ANCHOR, system), false);
      assert.equal(await removeAnchor(ANCHOR, system), false);
      await addAnchor(ANCHOR, system);
      assert.equal(await hasAnchor(ANCHOR, system), true);
      const path = `${system.root}${directory}/wispkey-11112222.crt`;
      assert.equal(await Deno.readTextFile(path), ANCHOR.certificate);
      assert.equal((await Deno.stat(path)).mode! & 0o777, 0o644);
      // Those of authorities before a renewal go with it, another's do not.
      await Deno.writeTextFile(`${system.root}${directory}/wispkey-99998888.crt`, "older");
      await Deno.writeTextFile(`${system.root}${directory}/company.crt`, "another's");
      assert.equal(await removeAnchor(ANCHOR, system), true);
      const left = [...Deno.readDirSync(system.root + directory)].map(({ name }) => name);
      assert.deepEqual(left, ["company.crt"]);
      assert.deepEqual(ran, [`${program} ${afterAdding}`.trim(), `${program} ${afterRemoving}`.trim()]);
    }));
}

Deno.test("macOS and Windows are asked through their own programs, by absolute path, with the certificate in a file", async () => {
  await withSystem("darwin", [], async (system, ran) => {
    await addAnchor(ANCHOR, system);
    await removeAnchor(ANCHOR, system);
    assert.equal(await hasAnchor(ANCHOR, system), null);
    assert.deepEqual(ran, [
      `/usr/bin/security add-trusted-cert -r trustRoot -k /Users/p/Library/Keychains/login.keychain-db FILE (${ANCHOR.certificate.length})`,
      `/usr/bin/security delete-certificate -t -c ${ANCHOR.name}`,
    ]);
  });
  await withSystem("windows", [], async (system, ran) => {
    await addAnchor(ANCHOR, system);
    await removeAnchor(ANCHOR, system);
    assert.deepEqual(ran, [
      `C:\\Windows\\System32\\certutil.exe -user -addstore Root FILE (${ANCHOR.certificate.length})`,
      `C:\\Windows\\System32\\certutil.exe -user -delstore Root ${ANCHOR.name}`,
    ]);
  });
});

Deno.test("who may not change the list is given the exact commands, which take the certificate out of the vault", async () => {
  const [directory, program] = LINUX[0];
  await withSystem("linux", [directory, program], async (system) => {
    // Root may write anywhere; a path that leads nowhere shows at least that other failures are not taken for this one.
    const denied: TrustSystem = { ...system };
    if (Deno.uid() === 0) {
      await Deno.mkdir(`${system.root}${directory}/wispkey-11112222.crt`);
      await assert.rejects(
        addAnchor(ANCHOR, denied),
        (error) => !(error instanceof Deno.errors.PermissionDenied),
      );
      return;
    }
    await Deno.chmod(system.root + directory, 0o555);
    await assert.rejects(addAnchor(ANCHOR, denied), {
      code: "needs_root",
      hint:
        `wispkey ca export | sudo install -m 644 /dev/stdin ${directory}/wispkey-11112222.crt && sudo ${program}`,
    });
    await Deno.chmod(system.root + directory, 0o755);
  });
});

Deno.test("a system without any of the usual places, or whose program fails, says so", async () => {
  await withSystem("linux", [], async (system) => {
    await assert.rejects(addAnchor(ANCHOR, system), { code: "no_trust_store" });
    assert.equal(await hasAnchor(ANCHOR, system), false);
  });
  await withSystem("linux", [LINUX[0][0], LINUX[0][1]], async (system) => {
    const failing: TrustSystem = { ...system, run: () => Promise.resolve("rehash: out of order\nand more") };
    await assert.rejects(addAnchor(ANCHOR, failing), {
      code: "trust_failed",
      message: "cannot trust the local authority: rehash: out of order",
    });
  });
});

Deno.test("the line for browsers quotes what it names", () => {
  assert.equal(
    browserHint(ANCHOR, "/home/me/my vault/ca.pem"),
    "certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n 'WispKey local CA 11112222' -i '/home/me/my vault/ca.pem'",
  );
});
