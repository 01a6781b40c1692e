/**
 * Programs whose very purpose is to print a secret they keep.
 *
 * @module
 */

import type { Finding } from "./finding.ts";
import { isSecretVariable } from "./secret_names.ts";
import type { Field } from "./stream.ts";

/** Words that must all stand among the arguments, in this order; a pattern may stand for one. */
const PRINTERS: Readonly<Record<string, readonly (readonly (string | RegExp)[])[]>> = {
  gh: [["auth", "token"], ["auth", "status", /^(?:-t|--show-token)$/]],
  glab: [["auth", "status", /^(?:-t|--show-token)$/]],
  gcloud: [
    ["auth", /^print-(?:access|identity)-token$/],
    ["auth", "application-default", "print-access-token"],
    ["secrets", "versions", "access"],
  ],
  aws: [
    ["configure", "get", /secret|token/],
    ["configure", "export-credentials"],
    ["secretsmanager", "get-secret-value"],
    ["ssm", /^get-parameters?(?:-by-path)?$/, "--with-decryption"],
    ["ecr", "get-login-password"],
    ["sts", /^(?:get-session-token|assume-role)/],
  ],
  az: [["account", "get-access-token"], ["keyvault", "secret", "show"]],
  heroku: [["auth:token"], ["config"]],
  security: [[/^find-(?:generic|internet)-password$/, /^-[a-z]*w/]],
  op: [["read"], ["item", "get", "--reveal"]],
  bw: [["get", "password"]],
  pass: [["show"]],
  "secret-tool": [["lookup"]],
  vault: [["kv", "get"], ["read"], ["print", "token"]],
  kubectl: [["get", /^secrets?(?:\/|$)/, /^-o|^--output/], ["config", "view", "--raw"]],
  doppler: [["secrets", "download"], ["secrets", "get"]],
  infisical: [["secrets"], ["export"]],
  npm: [["config", "get", /_auth|token/i], ["config", "list", "-l"]],
  tmux: [["show-environment"], ["showenv"]],
  systemctl: [["show-environment"]],
  fly: [["auth", "token"]],
  flyctl: [["auth", "token"]],
  supabase: [["projects", "api-keys"]],
  vercel: [["env", "pull", "/dev/stdout"]],
  gopass: [["show"]],
};

/** What a program prints, if it is a stored secret. */
export function printedSecret(name: string, args: readonly Field[]): Finding | null {
  if (name === "launchctl" && args[0]?.text === "getenv" && isSecretVariable(args[1]?.text ?? "")) {
    return { code: "prints_variable", what: `$${args[1]?.text}` };
  }
  const forms = Object.hasOwn(PRINTERS, name) ? PRINTERS[name] : undefined;
  const words = args.map(({ text }) => text);
  for (const form of forms ?? []) {
    if (!standsIn(form, words)) continue;
    const said = words.slice(0, 3).filter((word) => /^[\w:-]+$/.test(word)).join(" ");
    return { code: "prints_stored_secret", what: `\`${name} ${said}\`` };
  }
  return null;
}

function standsIn(form: readonly (string | RegExp)[], words: readonly string[]): boolean {
  let at = 0;
  for (const word of words) {
    const wanted = form[at];
    if (wanted === undefined) return true;
    if (typeof wanted === "string" ? word === wanted : wanted.test(word)) at++;
    else if (at === 0 && !word.startsWith("-")) return false;
  }
  return at === form.length;
}
