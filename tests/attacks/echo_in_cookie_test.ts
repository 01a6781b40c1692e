import { plain, sentSecret, thwarted } from "./echoed.ts";

Deno.test("a session cookie that is the secret itself is not set", () =>
  thwarted({
    respond: (request) =>
      plain("", "Set-Cookie: a=1", `Set-Cookie: session=${sentSecret(request)}; HttpOnly`),
    read: ({ raw }) => raw,
  }));
