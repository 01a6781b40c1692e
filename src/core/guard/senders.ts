/**
 * Programs that send what they are given to somebody else.
 *
 * @module
 */

import type { Evaluation } from "./evaluate.ts";
import { ANYTHING, type Field, type Stream } from "./stream.ts";

/** Names of programs that send. */
export const SENDERS: ReadonlySet<string> = new Set([
  "curl",
  "wget",
  "http",
  "https",
  "xh",
  "nc",
  "ncat",
  "netcat",
  "socat",
  "telnet",
  "mail",
  "sendmail",
  "pbcopy",
  "xclip",
  "xsel",
  "wl-copy",
  "clip",
]);

const FILE_OPTIONS = /^(?:-T|--upload-file|--post-file|--body-file)$/;

/**
 * Objects to a file with secrets, or to printed secrets, being sent. A key in a header or a form field is a program's
 * ordinary use of it, and none of this one's business.
 */
export function runSender(
  args: readonly Field[],
  stdin: Stream,
  evaluation: Evaluation,
  name: string,
): Stream {
  const takesInput = !["curl", "wget", "http", "https", "xh"].includes(name) ||
    args.some(({ text }) => /^@?-$|@-/.test(text));
  if (takesInput && stdin.secret !== null) evaluation.findings.push(stdin.secret);
  for (const [i, field] of args.entries()) {
    const before = args[i - 1]?.text ?? "";
    const isBody = /^(?:-d|--data[\w-]*|-F|--form|--json)$/.test(before);
    if (field.secret?.code === "prints_environment" || isBody && field.secret?.code === "prints_file") {
      evaluation.findings.push(field.secret);
    }
    const path = /^--(?:post-file|body-file|upload-file)=(.+)$/.exec(field.text)?.[1] ??
      /(?:^|[=<])@([^;]+)/.exec(field.text)?.[1] ??
      /^(?:file:\/\/)(.+)$/.exec(field.text)?.[1] ??
      /^-[a-zA-Z]*d@(.+)$/.exec(field.text)?.[1] ??
      (FILE_OPTIONS.test(before) ? field.text : /^[\w-]+=<(.+)$/.exec(field.text)?.[1]);
    if (path === undefined && field.stream === undefined) continue;
    const { secret } = evaluation.readFile(path === undefined ? field : { ...field, text: path });
    if (secret !== null) evaluation.findings.push(secret);
  }
  return ANYTHING;
}
