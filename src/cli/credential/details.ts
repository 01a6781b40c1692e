/**
 * Options that `add` and `edit` share.
 *
 * @module
 */

import { type CredentialType, isCredentialType } from "../../core/credential.ts";
import { formatHostPattern, parseHostList } from "../../core/host_pattern.ts";
import { checkName } from "../../core/name.ts";
import type { Arguments } from "../arguments.ts";

/** Canonical host patterns of `--hosts`; undefined if it was not given. */
export function hostsOf(args: Arguments): string[] | undefined {
  const hosts = args.list("hosts");
  if (hosts === undefined) return undefined;
  return parseHostList(hosts, { allowPublicSuffix: args.flag("allow-public-suffix") }).map(formatHostPattern);
}

/** The type of `--type`, which the parser has checked against the table. */
export function typeOf(args: Arguments): CredentialType | undefined {
  const type = args.text("type");
  return type !== undefined && isCredentialType(type) ? type : undefined;
}

/** A checked name of an option, such as `--project`; undefined if it was not given. */
export function nameOf(args: Arguments, option: string, kind: string): string | undefined {
  const name = args.text(option);
  return name === undefined ? undefined : checkName(name, kind);
}
