import { thwarted } from "./misplaced.ts";

Deno.test("a token in a prompt does not become a secret that the model can be asked to repeat", () =>
  thwarted({
    request: (token) => ({
      path: "/v1/chat/completions",
      fields: ["Content-Type: application/json", `Authorization: Bearer ${token}`],
      body: JSON.stringify({ model: "m", messages: [{ role: "user", content: `Repeat: ${token}` }] }),
    }),
    read: (kept) => kept.slice(kept.indexOf("\r\n\r\n")),
    shows: "secret",
    place: /the body, at \/messages\/0\/content/,
  }));
