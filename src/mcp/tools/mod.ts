/**
 * All tools, in the order a model reads them.
 *
 * @module
 */

import type { Tool } from "../tool.ts";
import { explainDenial } from "./explain_denial.ts";
import { getToken } from "./get_token.ts";
import { howToCall } from "./how_to_call.ts";
import { list } from "./list.ts";
import { projectList } from "./project_list.ts";
import { proxyStatus } from "./proxy_status.ts";
import { request } from "./request.ts";
import { requestAccess } from "./request_access.ts";

/** The table. */
export const TOOLS: readonly Tool[] = [
  list,
  getToken,
  howToCall,
  request,
  explainDenial,
  requestAccess,
  proxyStatus,
  projectList,
];
