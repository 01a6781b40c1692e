/**
 * SDKs of providers and libraries for Python, installed for the occasion. Without a registry they are left out, and named.
 */

import assert from "node:assert/strict";
import { CLIENTS } from "./clients.ts";
import { PYTHON_LIBRARIES, SDK_PACKAGES } from "./packages.ts";
import { Stage } from "./stage.ts";
import { installTools } from "./tools.ts";
import { surprises, tryClient } from "./try_clients.ts";

const directory = await Deno.makeTempDir({ prefix: "wk-clients-" });
const tools = await installTools(directory, { npm: SDK_PACKAGES, pip: PYTHON_LIBRARIES });
for (const failure of tools.failed) {
  Deno.test({ name: `what cannot be installed is absent: ${failure}`, ignore: true, fn: () => {} });
}
const installed = [
  ...(tools.nodeModules === null ? [] : SDK_PACKAGES.map((specifier) => specifier.replace(/@[^@]*$/, ""))),
  ...(tools.pythonPrograms === null ? [] : PYTHON_LIBRARIES.map((name) => name.replace(/==.*/, ""))),
];

if (installed.length === 0) await Deno.remove(directory, { recursive: true });

Deno.test({
  name: "SDKs of providers and libraries for Python are used unchanged, by base URL and by http_proxy",
  ignore: installed.length === 0,
  fn: async () => {
    try {
      await using stage = await Stage.create();
      const rows = [];
      for (const client of CLIENTS.filter(({ name }) => installed.includes(name))) {
        rows.push(await tryClient(stage, tools, client, ["base", "forward"]));
      }
      assert.deepEqual(surprises(rows), []);
      assert.deepEqual(rows.map(({ version }) => version !== null), installed.map(() => true));
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  },
});
