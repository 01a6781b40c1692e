import { plain, sentSecret, thwarted } from "./echoed.ts";

let stored = "";

Deno.test("what a host has kept of one request cannot be read by another that carries no token", () =>
  thwarted({
    respond: (request) => {
      if (request.includes("/keep")) stored = sentSecret(request);
      return plain(request.includes("/keep") ? "kept" : `{"note":"${stored}"}`);
    },
    act: async ({ ask }) => {
      await ask({ path: "/keep" });
      return await ask({ path: "/kept", withToken: false });
    },
  }));
