/**
 * Operations on approvals. Approving always needs the password; refusing only narrows.
 *
 * @module
 */

import { MAX_SHOWN_TEXT } from "../../core/approval.ts";
import { UsageError } from "../../core/errors.ts";
import { MAX_NAME_LENGTH } from "../../core/name.ts";
import { redactTokens } from "../../core/token_finder.ts";
import type { Operation } from "./types.ts";

/** Longest name of a host in a wish for access, in characters (RFC 1035, with a port). */
const MAX_HOST_LENGTH = 260;
/** An approval reaches at most so far, milliseconds: a session's longest. */
const MAX_FOR_MS = 12 * 60 * 60_000;

/** `approvals.list`: the questions that wait. */
export const listApprovals: Operation<"approvals.list"> = {
  shape: {},
  need: "key",
  run: ({ approvals }) => ({ result: { questions: approvals.list() } }),
};

/** `approvals.approve`: lets one pass. */
export const approve: Operation<"approvals.approve"> = {
  shape: {
    id: "string",
    digest: "string",
    forMs: "count|null",
    session: "boolean",
    thisPath: "boolean",
  },
  need: "password",
  run({ approvals }, { id, digest, forMs, session, thisPath }) {
    if (forMs !== null && forMs > MAX_FOR_MS) {
      throw new UsageError("cannot approve for so long: twelve hours are the most", {
        code: "bad_parameters",
      });
    }
    return { result: { question: approvals.approve(id, digest, { forMs, session, thisPath }) } };
  },
};

/** `approvals.deny`: refuses one. */
export const deny: Operation<"approvals.deny"> = {
  shape: { id: "string" },
  need: "key",
  run: ({ approvals }, { id }) => ({ result: { question: approvals.deny(id) } }),
};

/** `approvals.ask_access`: a wish for access, for a person to look at. */
export const askAccess: Operation<"approvals.ask_access"> = {
  shape: { credential: "string", project: "string", host: "string", reason: "string" },
  need: "key",
  async run({ approvals }, { credential, project, host, reason }) {
    const tooLong = Math.max(credential.length, project.length) > MAX_NAME_LENGTH ||
      host.length > MAX_HOST_LENGTH || reason.length > MAX_SHOWN_TEXT;
    if (tooLong || credential === "" || host === "") {
      throw new UsageError("cannot ask for access: a text is missing or too long", {
        code: "bad_parameters",
      });
    }
    const id = await approvals.askAccess({
      caller: null,
      credential: redactTokens(`${project}/${credential}`),
      host: redactTokens(host),
      reason: redactTokens(reason),
    });
    return { result: { id } };
  },
};
