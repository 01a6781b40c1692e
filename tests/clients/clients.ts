/**
 * The table: every client that is tried.
 *
 * @module
 */

import type { Client } from "./client.ts";
import { NODE_CLIENTS } from "./node_clients.ts";
import { PROGRAM_CLIENTS } from "./program_clients.ts";
import { PYTHON_CLIENTS } from "./python_clients.ts";

/** Every client, in the order of the page. */
export const CLIENTS: readonly Client[] = [...PROGRAM_CLIENTS, ...PYTHON_CLIENTS, ...NODE_CLIENTS];
