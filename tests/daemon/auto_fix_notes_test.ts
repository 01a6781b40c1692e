import assert from "node:assert/strict";
import { parseHostList } from "../../src/core/host_pattern.ts";
import { AutoFixNotes, MAX_NOTES, NOTES_NAME } from "../../src/daemon/auto_fix_notes.ts";

const OPENAI = {
  name: "WISPKEY_FALLBACK_OPENAI_PROD",
  slug: "openai_prod",
  hosts: parseHostList("api.openai.com"),
};

async function withNotes(
  test: (notes: AutoFixNotes, path: string, directory: string) => Promise<void>,
): Promise<void> {
  const directory = await Deno.makeTempDir();
  try {
    await test(new AutoFixNotes(directory, () => 1_000), `${directory}/${NOTES_NAME}`, directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

function read(path: string) {
  return JSON.parse(Deno.readTextFileSync(path));
}

Deno.test("a note says which variable was used how often, and the command that mends it, without the token", () =>
  withNotes(async (notes, path) => {
    for (let i = 0; i < 3; i++) notes.add(OPENAI);
    await notes.flush();
    notes.add(OPENAI);
    await notes.flush();
    assert.deepEqual(read(path), [{
      timestamp: "1970-01-01T00:00:01.000Z",
      event: "credential_fallback",
      wisp_token: "wk_openai_prod_…",
      fallback_env: "WISPKEY_FALLBACK_OPENAI_PROD",
      uses: 4,
      action_needed:
        "wispkey add openai-prod --hosts api.openai.com, then unset WISPKEY_FALLBACK_OPENAI_PROD and wispkey unlock",
    }]);
    if (Deno.build.os !== "windows") assert.equal((Deno.statSync(path).mode ?? 0) & 0o777, 0o600);
  }));

Deno.test("nothing noted, nothing written", () =>
  withNotes(async (notes, _path, directory) => {
    await notes.flush();
    assert.deepEqual([...Deno.readDirSync(directory)], []);
  }));

Deno.test("the file stays within its bounds, and keeps the newest", () =>
  withNotes(async (notes, path) => {
    for (let i = 0; i < MAX_NOTES + 20; i++) {
      notes.add({ ...OPENAI, name: `WISPKEY_FALLBACK_N${i}`, slug: `n${i}` });
    }
    await notes.flush();
    const kept = read(path);
    assert.equal(kept.length, MAX_NOTES);
    assert.equal(kept.at(-1).fallback_env, `WISPKEY_FALLBACK_N${MAX_NOTES + 19}`);
  }));

const DAMAGED: Readonly<Record<string, string>> = {
  "no JSON": "{ not json",
  "something else": '{"version":2}',
  "notes of another shape": '[{"timestamp":1}]',
  "an endless file": `[${" ".repeat(300 * 1024)}]`,
  "no UTF-8": "[\ud800]",
};
for (const [what, content] of Object.entries(DAMAGED)) {
  Deno.test(`${what} is put aside as it is, and the file begun anew`, () =>
    withNotes(async (notes, path, directory) => {
      Deno.writeFileSync(
        path,
        what === "no UTF-8" ? new Uint8Array([0x5b, 0xff, 0x5d]) : new TextEncoder().encode(content),
      );
      const before = Deno.readFileSync(path);
      notes.add(OPENAI);
      await notes.flush();
      assert.equal(read(path).length, 1);
      assert.deepEqual(Deno.readFileSync(`${directory}/auto-fix-notes.damaged-1.json`), before);
    }));
}

Deno.test("so many damaged files are kept and no more", () =>
  withNotes(async (notes, path, directory) => {
    for (let i = 0; i < 12; i++) {
      Deno.writeTextFileSync(path, `damaged ${i}`);
      notes.add(OPENAI);
      await notes.flush();
    }
    const names = [...Deno.readDirSync(directory)].map(({ name }) => name).sort();
    assert.equal(names.filter((name) => name.includes("damaged")).length, 5);
    assert.equal(Deno.readTextFileSync(`${directory}/auto-fix-notes.damaged-5.json`), "damaged 11");
  }));

Deno.test("a symbolic link in its place is neither read nor written through", {
  ignore: Deno.build.os === "windows"
    ? true
    : Deno.permissions.querySync({ name: "write" }).state !== "granted",
}, () =>
  withNotes(async (notes, path, directory) => {
    const victim = `${directory}/victim`;
    Deno.writeTextFileSync(victim, "[]");
    Deno.symlinkSync(victim, path);
    notes.add(OPENAI);
    await notes.flush();
    assert.equal(Deno.readTextFileSync(victim), "[]");
    assert.ok(Deno.lstatSync(path).isFile);
  }));

Deno.test("a directory that cannot be written costs the note, nothing else", () =>
  withNotes(async (_notes, _path, directory) => {
    const notes = new AutoFixNotes(`${directory}/missing`);
    notes.add(OPENAI);
    await notes.flush();
  }));
