import assert from "node:assert/strict";
import { plain, withScene } from "../proxy/scrub/support.ts";

Deno.test("a list of guesses sent to an echoing host is not answered by the one that is right, if it is short", () =>
  withScene((request) => plain(/\?(.*) HTTP/.exec(request)?.[1] ?? ""), async ({ ask, token }) => {
    const guesses = ["summer2025", "hunter2-pin", "letmein-now"];
    const path = `/echo?${guesses.join(",")}`;
    assert.ok(
      (await ask({ path })).body.includes(token),
      "scrubbing does confirm a guess, to whoever has the token",
    );
    const answer = await ask({ path, withToken: false });
    assert.equal(answer.body, guesses.join(","));
    assert.ok(!answer.raw.includes(token));
  }, { value: "hunter2-pin" }));
