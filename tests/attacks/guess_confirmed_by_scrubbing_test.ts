import assert from "node:assert/strict";
import { plain, SECRET, withScene } from "../proxy/scrub/support.ts";

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

Deno.test("a host that is asked again and again about a long value is not asked any more", () =>
  withScene((request) => plain(/\?(.*) HTTP/.exec(request)?.[1] ?? ""), async ({ ask, token }) => {
    const path = `/echo?${SECRET}`;
    const answers = [];
    for (let i = 0; i < 31; i++) answers.push(await ask({ path, withToken: false }));
    assert.ok(
      answers.slice(0, 30).every(({ body }) => body === token),
      "each shows that the guess was right",
    );
    const refused = answers[30]!;
    assert.deepEqual([refused.status, refused.field("x-wispkey-error")], [429, "too_many_hits"]);
    assert.match(refused.field("retry-after") ?? "", /^[1-9]\d*$/);
    const wrong = await ask({ path: "/echo?another-guess", withToken: false });
    assert.equal(wrong.status, 429, "a wrong guess is answered alike");
    assert.equal((await ask({ path: "/echo?x" })).body, "x", "who carries the token goes on");
  }));
