import { bodyOf, thwarted } from "./misplaced.ts";

Deno.test("a token in Base64 is seen in a header", () =>
  thwarted({
    request: (token) => ({ method: "GET", fields: [`X-State: ${btoa(`{"a":"${token}"}`)}`] }),
    read: (kept) => atob(/^X-State: (.*)$/m.exec(kept)?.[1] ?? ""),
    shows: "token",
    place: /the header x-state, hidden by Base64/,
  }));

Deno.test("a token in the URL's Base64 is seen in a query", () =>
  thwarted({
    request: (token) => ({
      method: "GET",
      path: `/cb?state=${btoa(`??${token}>>`).replace(/[+]/g, "-").replace(/[/]/g, "_").replace(/=+$/, "")}`,
    }),
    read: (kept) => atob((/state=(\S+)/.exec(kept)?.[1] ?? "").replaceAll("-", "+").replaceAll("_", "/")),
    shows: "token",
    place: /the query, hidden by Base64/,
  }));

Deno.test("a token in Base64 is seen in a body, at every alignment", () =>
  thwarted({
    request: (token) => ({
      fields: ["Content-Type: application/json"],
      body: JSON.stringify({ content: ["", "x", "xy"].map((before) => btoa(before + token)) }),
    }),
    read: (kept) => (JSON.parse(bodyOf(kept)).content as string[]).map(atob).join(),
    shows: "token",
    place: /the body, hidden by Base64/,
  }));
