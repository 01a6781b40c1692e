/** The agent has used up a rate limit. It makes the log forget that, and waits for the next unlock, when uses are counted anew. */

import assert from "node:assert/strict";
import { PolicyKeeper } from "../../src/daemon/policies/keeper.ts";
import type { Vault } from "../../src/vault/mod.ts";
import { utf8 } from "../../src/core/bytes.ts";
import { draft, peek, reopen, tamper, withVault } from "../vault/support.ts";

const USES = `record LIKE '%"CredentialUsed"%'`;
const POLICY = '[[policy]]\nname = "few"\ncredential = "key"\nrate_limit = "3/day"\n';

const EDITS: Record<string, string> = {
  "uses taken away": `DELETE FROM audit WHERE ${USES}`,
  "one use taken away": `DELETE FROM audit WHERE seq = (SELECT max(seq) FROM audit WHERE ${USES})`,
  "uses of long ago": `UPDATE audit SET at = 1 WHERE ${USES}`,
  "all of the log of long ago": "UPDATE audit SET at = 1",
  "uses of something else": `UPDATE audit SET record = replace(record, '"key"', '"other"') WHERE ${USES}`,
  "uses that were refusals":
    `UPDATE audit SET record = replace(record, 'CredentialUsed', 'CredentialDenied') WHERE ${USES}`,
  "a row of long ago laid behind them":
    "INSERT INTO audit SELECT seq + 1, 1, record, mac FROM audit ORDER BY seq DESC LIMIT 1",
};

async function answer(vault: Vault, directory: string): Promise<string> {
  const [credential] = vault.credentials.list();
  assert(credential);
  const subject = { id: credential.id, name: credential.name, project: "default" };
  const keeper = new PolicyKeeper({
    vault,
    path: `${directory}/policies.toml`,
    past: {
      settleAudit: () => {},
      subjects: () => [{ ...subject, tokenFingerprint: vault.tokenFingerprint(credential.token) }],
    },
    now: Date.now,
  });
  await keeper.counted;
  const { verdict } = keeper.judge({
    credential: subject,
    caller: null,
    method: "GET",
    methodOverridden: false,
    scheme: "https",
    host: "key.example",
    port: 443,
    path: "/",
    bodyBytes: 0,
  });
  keeper.end();
  return verdict.kind;
}

for (const [what, sql] of Object.entries(EDITS)) {
  Deno.test(`a rate limit that was reached stays reached: ${what}`, () =>
    withVault(async (vault, directory) => {
      const { token } = vault.credentials.add(draft(vault, "key"), utf8("a value of a credential"));
      const use = {
        event: "CredentialUsed",
        credential: "key",
        project: "default",
        tokenFingerprint: vault.tokenFingerprint(token),
      } as const;
      Deno.writeTextFileSync(`${directory}/policies.toml`, POLICY);
      vault.audit.append([use, use], Date.now());
      assert.equal(await answer(vault, directory), "allow", "there is one left");
      vault.audit.append([use], Date.now());
      assert.equal(await answer(vault, directory), "limit");
      vault.close();

      tamper(directory, sql);
      const since = Date.now() - 86_400_000;
      const naive = peek(
        directory,
        `SELECT seq FROM audit WHERE at >= ? AND ${USES} AND record LIKE '%"key"%'`,
        since,
      );
      if (!sql.startsWith("INSERT")) {
        assert.ok(naive.length < 3, "who counts what the log says counts too few");
      }
      const fresh = await reopen(directory);
      try {
        assert.equal(await answer(fresh, directory), "limit");
      } finally {
        fresh.close();
      }
    }));
}
