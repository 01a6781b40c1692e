/**
 * Operations on policies. Looking is free; what is applied may loosen, so applying takes the password.
 *
 * @module
 */

import { fromUtf8 } from "../../core/bytes.ts";
import { UsageError } from "../../core/errors.ts";
import { MAX_POLICY_BYTES } from "../../core/policy/parse.ts";
import type { Operation } from "./types.ts";

/** `policy.status`: what was applied, what the file says, and what lies between. */
export const policyStatus: Operation<"policy.status"> = {
  shape: {},
  need: "key",
  run: ({ policies }) => ({ result: policies().status() }),
};

/** `policy.examine`: the payload is the text. */
export const examinePolicies: Operation<"policy.examine"> = {
  shape: {},
  need: "key",
  run: ({ policies }, _params, payload) => ({ result: { notes: policies().examine(textOf(payload)) } }),
};

/** `policy.apply`: the payload is the text as it was shown. */
export const applyPolicies: Operation<"policy.apply"> = {
  shape: {},
  need: "password",
  async run({ policies }, _params, payload) {
    policies().apply(textOf(payload));
    await policies().counted;
    return { result: policies().status() };
  },
};

function textOf(payload: Uint8Array): string {
  if (payload.length > MAX_POLICY_BYTES) {
    throw new UsageError(`cannot apply the policies: they are longer than ${MAX_POLICY_BYTES} bytes`, {
      code: "policy_invalid",
    });
  }
  try {
    return fromUtf8(payload);
  } catch (cause) {
    throw new UsageError("cannot apply the policies: they are not UTF-8", { code: "policy_invalid", cause });
  }
}
