/**
 * A question that waits for a person, as it is shown. Texts that an agent chose are escaped, cut and labelled as such.
 *
 * @module
 */

import { approvalDigest, type ApprovalQuestion, type ApprovalReach } from "../../core/approval.ts";
import { NotFoundError } from "../../core/errors.ts";
import { escapeText } from "../../core/name.ts";
import type { VaultClient } from "../../daemon/api.ts";
import { rfc3339 } from "../time.ts";

/** A question for programs. */
export function questionJson(question: ApprovalQuestion): Record<string, unknown> {
  return {
    id: question.id,
    kind: question.kind,
    asked_at: rfc3339(question.askedAt),
    expires_at: rfc3339(question.expiresAt),
    caller: question.caller,
    credentials: question.credentials,
    policies: question.policies,
    method: question.method,
    scheme: question.scheme,
    host: question.host,
    path: question.path,
    body_bytes: question.bodyBytes,
    body_sha256: question.bodySha256,
    target_sha256: question.targetSha256,
    headers_sha256: question.headersSha256,
    reason: question.reason,
  };
}

/** A question for people, a line each. */
export function questionLines(question: ApprovalQuestion, now: number): string[] {
  const left = Math.max(0, Math.ceil((question.expiresAt - now) / 1000));
  const rows: [string, string][] = question.kind === "access"
    ? [
      ["wants", `access to ${question.host} with ${question.credentials.join(", ")}`],
      ["reason (the agent's own words)", question.reason],
    ]
    : [
      [
        "request (the agent's own words)",
        `${question.method} ${question.scheme}://${question.host}${question.path}`,
      ],
      ["body", `${question.bodyBytes} bytes, SHA-256 ${question.bodySha256}`],
      ["credential", question.credentials.join(", ")],
      ["policy", question.policies.join(", ")],
    ];
  return [
    `${question.id}  waits ${left} s more`,
    ...[["caller", question.caller ?? "(without a name)"], ...rows]
      .map(([label = "", text = ""]) => `  ${label}: ${escapeText(text)}`),
  ];
}

/**
 * The question of an id, or the only one there is.
 *
 * @throws {NotFoundError} `approval_not_found`.
 */
export async function questionOf(vault: VaultClient, id: string): Promise<ApprovalQuestion> {
  const { questions } = (await vault.call("approvals.list", {})).result;
  const question = questions.find((each) => each.id === id);
  if (question !== undefined) return question;
  throw new NotFoundError("cannot answer: no such question waits (any more)", {
    code: "approval_not_found",
    hint: "wispkey approvals list",
  });
}

/**
 * Lets a question pass that was just shown. The answer is made of what was shown: if anything else waits under its id, the
 * daemon refuses. Takes the password.
 *
 * @throws {NotFoundError} `approval_not_found`; {DeniedError} `approval_differs`, or for a wrong password.
 */
export async function approveShown(
  vault: VaultClient,
  question: ApprovalQuestion,
  reach: ApprovalReach,
): Promise<void> {
  const digest = await approvalDigest(question);
  await vault.call("approvals.approve", { id: question.id, digest, ...reach });
}
