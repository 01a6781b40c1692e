/**
 * A secret that somebody made up: long enough to be compared, and one of a few hundred thousand that could be meant. The agent
 * asks the guard's question with one after the other, for as long as the vault is open.
 */

import assert from "node:assert/strict";
import { utf8 } from "../../src/core/bytes.ts";
import { matchValues } from "../../src/daemon/environment_matcher.ts";
import { GuessBudget, MATCHES_A_MINUTE } from "../../src/daemon/guess_budget.ts";
import { runOperation } from "../../src/daemon/service.ts";
import { operationContext } from "../daemon/operation_context.ts";
import { draft, withVault } from "../vault/support.ts";

const STRANGER = { kind: "caller", proof: undefined, takeNonce: () => true } as const;
const candidate = (i: number) => utf8(`winter-holidays-${String(i).padStart(6, "0")}`);
const SECRET = 90_000;
const HOURS = 12;

Deno.test("in the hours of a session an agent tries as many values as a day has, not as many as its minutes", () =>
  withVault(async (vault) => {
    vault.credentials.add(draft(vault, "weak"), candidate(SECRET));
    const known = await matchValues(vault, [candidate(SECRET)], GuessBudget.unlimited(), () => true);
    assert.equal(known.length, 1, "the right guess is confirmed, if it is asked");
    assert.ok(SECRET < HOURS * 60 * MATCHES_A_MINUTE, "the minutes of a session are enough for all of them");

    // A hundredth of everything, so that the test takes a second: the day, the minute, and the place of the secret.
    let now = 0;
    const guesses = new GuessBudget({ perMinute: MATCHES_A_MINUTE / 100, newPerDay: 5_242, now: () => now });
    const context = { ...operationContext(vault), guesses };
    let [tried, refused] = [0, 0];
    for (let minute = 0; minute < HOURS * 60; minute++, now += 60_000) {
      const texts = Array.from({ length: 140 }, (_, i) => candidate(tried + i));
      const payload = new Uint8Array(texts.flatMap((text) => [...text]));
      const lengths = texts.map(({ length }) => length);
      const answer = await runOperation(context, STRANGER, "guard.match", { lengths }, payload).catch(
        (error) => {
          assert.equal(error.code, "guesses_exhausted");
          return null;
        },
      );
      if (answer === null) refused++;
      else tried += texts.length;
      assert.deepEqual(answer?.result ?? { credentials: [] }, { credentials: [] });
    }
    assert.ok(tried < 8_000, `${tried} values were tried in ${HOURS} hours`);
    assert.ok(refused > HOURS * 50);
    const rows = vault.audit.query({ event: "GuessesRefused" });
    assert.equal(rows.length, 1, "the owner finds it in the log, once");
  }));
