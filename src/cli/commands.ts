/**
 * All commands, in the order of the help.
 *
 * @module
 */

import { caCommands } from "./ca/spec.ts";
import { approvalCommands } from "./approvals/spec.ts";
import { configCommands } from "./config/spec.ts";
import { credentialCommands } from "./credential/spec.ts";
import { guardCommands } from "./guard/spec.ts";
import { importCommands } from "./import/spec.ts";
import { mcpCommands } from "./mcp/spec.ts";
import { partitionCommands } from "./partition/spec.ts";
import { logCommands } from "./log/spec.ts";
import { pluginCommands } from "./plugin/spec.ts";
import { policyCommands } from "./policy/spec.ts";
import { programCommands } from "./program/spec.ts";
import { projectCommands } from "./project/spec.ts";
import { proxyCommands } from "./proxy/spec.ts";
import { runCommands } from "./run/spec.ts";
import { sharingCommands } from "./sharing/spec.ts";
import type { CommandSpec } from "./spec.ts";
import { scanCommands } from "./scan/spec.ts";
import { keepingCommands } from "./vault/keeping_spec.ts";
import { vaultCommands } from "./vault/spec.ts";

/** The table. */
export const COMMANDS: readonly CommandSpec[] = [
  ...vaultCommands,
  ...logCommands,
  ...keepingCommands,
  ...credentialCommands,
  ...importCommands,
  ...scanCommands,
  ...proxyCommands,
  ...runCommands,
  ...caCommands,
  ...mcpCommands,
  ...policyCommands,
  ...approvalCommands,
  ...guardCommands,
  ...pluginCommands,
  ...configCommands,
  ...projectCommands,
  ...partitionCommands,
  ...sharingCommands,
  ...programCommands,
];
