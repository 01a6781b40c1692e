/**
 * A person at the terminal of `serve` answers what waits, with the real program on a real terminal.
 */

import assert from "node:assert/strict";
import { Api, Home, through } from "./harness.ts";
import { Screen, terminal } from "./screen.ts";

Deno.test({
  name: "who sits at the terminal of serve approves with the password, and denies without",
  ignore: !terminal,
  fn: async () => {
    await using home = await Home.withVault();
    await using api = new Api();
    await Deno.writeTextFile(
      `${home.vault}/policies.toml`,
      '[[policy]]\nname = "ask"\ncredential = "k"\nrequire_approval = ["DELETE"]\n',
    );
    await home.ok("unlock");
    const added = await home.json("add", "k", "--value", "sk-asked-0123456789abcdef", "--hosts", api.host);
    await using screen = new Screen(home, "serve", "--random-port", "--no-notify");
    const [, address = ""] = await screen.shows(/Proxy on (http:\/\/[\d.:]+)\./);
    await screen.shows(/Ctrl-C closes it/);
    const ask = async (path: string) => {
      const headers = { Authorization: `Bearer ${added.credential.wisp_token}` };
      const answer = await through(address, `http://${api.host}${path}`, headers, { method: "DELETE" });
      await answer.body?.cancel();
      return answer.status;
    };

    const first = ask("/approve");
    await screen.shows(/own words\): DELETE http:\/\/127\.0\.0\.1:\d+\/approve/);
    await screen.shows(/\[y\/N\]/);
    await screen.type("y\r");
    await screen.shows(/Master password: /);
    assert.equal(api.seen.length, 0, "yes alone is not enough");
    await screen.type("not the password\r");
    await screen.shows(/\[y\/N\]/);
    await screen.type("y\r");
    await screen.shows(/Master password: /);
    await screen.type(`${home.password}\r`);
    await screen.shows(/Approved [0-9a-f]{12}\./);
    assert.equal(await first, 200);

    const second = ask("/deny");
    await screen.shows(/\[y\/N\]/);
    await screen.type("\r");
    assert.equal(await second, 403);
    assert.deepEqual(api.seen.map(({ url }) => url), ["/approve"]);
    assert.ok(!screen.text.includes(home.password), "the password was not shown");
  },
});
