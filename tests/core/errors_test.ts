import assert from "node:assert/strict";
import {
  DeniedError,
  errorFromJson,
  type ErrorJson,
  errorToJson,
  FailedError,
  InterruptedError,
  LockedError,
  NotFoundError,
  UsageError,
  WispKeyError,
} from "../../src/core/errors.ts";

Deno.test("every kind of error crosses as JSON and comes back as itself", () => {
  for (const Kind of [FailedError, UsageError, LockedError, NotFoundError, DeniedError, InterruptedError]) {
    const error = new Kind("cannot do it: because", { code: "some_code", hint: "wispkey help" });
    const back = errorFromJson(JSON.parse(JSON.stringify(errorToJson(error))));
    assert.ok(back instanceof Kind);
    assert.deepEqual([back.message, back.code, back.hint, back.exitCode], [
      error.message,
      error.code,
      error.hint,
      error.exitCode,
    ]);
  }
});

Deno.test("an unexpected error is told as internal, and a thrown value that is no error too", () => {
  assert.deepEqual(errorToJson(new TypeError("x")), { code: "internal", message: "x", exit_code: 1 });
  assert.equal(errorToJson("thrown").message, "thrown");
});

Deno.test("an error from a hostile daemon is text or nothing", () => {
  const hostile = { code: 7, message: { toString: 1 }, hint: ["a"], exit_code: "0" } as unknown as ErrorJson;
  const error = errorFromJson(hostile);
  assert.ok(error instanceof WispKeyError);
  assert.equal(error.code, "internal");
  assert.equal(typeof error.message, "string");
  assert.equal(error.hint, undefined);
  assert.equal(error.exitCode, 1);
});
