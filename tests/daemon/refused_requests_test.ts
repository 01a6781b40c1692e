import assert from "node:assert/strict";
import { MAX_REFUSED, RefusedRequests } from "../../src/daemon/refused_requests.ts";
import type { RefusedRequest } from "../../src/proxy/refused_request.ts";

function refused(id: string): RefusedRequest {
  return {
    id,
    at: 1,
    status: 403,
    code: "host_not_allowed",
    message: "m",
    hint: null,
    method: "GET",
    host: "a.example",
    path: "/",
    caller: null,
    credential: "k",
    policy: null,
  };
}

Deno.test("the newest refused requests are remembered, the oldest forgotten", () => {
  const book = new RefusedRequests();
  for (let i = 0; i <= MAX_REFUSED; i++) book.note(refused(`req_${i}`));
  assert.equal(book.find("req_0"), undefined);
  assert.equal(book.find("req_1")?.id, "req_1");
  assert.equal(book.find(`req_${MAX_REFUSED}`)?.code, "host_not_allowed");
});
