import { plain, sentSecret, thwarted } from "./echoed.ts";

const KEY = "sk-live-q7Rz0LmX2vB9tYc4Wn8KdE3fHs6JgA1uPo5i";

Deno.test("an error page that cuts its quotation short does not bring most of the secret through", () =>
  thwarted({
    respond: (request) => plain(`invalid header: ${sentSecret(request).slice(0, 36)}…`),
    loot: KEY.slice(0, 36),
    credential: { value: KEY },
  }));

Deno.test("a host that serves the last part of what it keeps does not bring it through", () =>
  thwarted({
    respond: (request) => plain(`…${sentSecret(request).slice(-30)}`),
    loot: KEY.slice(-30),
    credential: { value: KEY },
  }));
