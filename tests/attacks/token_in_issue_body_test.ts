import { thwarted } from "./misplaced.ts";

Deno.test("a token in the text of an issue does not become the secret that everybody can read there", () =>
  thwarted({
    request: (token) => ({
      path: "/repos/o/r/issues",
      fields: ["Content-Type: application/json", "Accept: application/vnd.github+json"],
      body: JSON.stringify({ title: "Crash", body: `It fails with key ${token}.`, labels: ["bug"] }),
    }),
    shows: "secret",
    place: /the body, at \/body/,
  }));

Deno.test("nor does one in the name of a property", () =>
  thwarted({
    request: (token) => ({
      path: "/repos/o/r/issues",
      fields: ["Content-Type: application/json"],
      body: JSON.stringify({ title: "x", [token]: 1 }),
    }),
    shows: "secret",
    place: /in the body:/,
  }));
