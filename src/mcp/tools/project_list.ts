/**
 * `wispkey_project_list`.
 *
 * @module
 */

import { z } from "zod";
import { FOREIGN_TEXT_NOTICE, foreignText } from "../foreign_text.ts";
import { defineTool, type Tool } from "../tool.ts";

/** Lists projects. */
export const projectList: Tool = defineTool({
  name: "wispkey_project_list",
  title: "List projects",
  description:
    `Lists the projects of the vault and says which one is active: tokens are given for that one. ${FOREIGN_TEXT_NOTICE}`,
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
  input: z.strictObject({}),
  output: z.object({
    projects: z.array(z.object({
      name: z.string(),
      description: z.string(),
      partition_count: z.number().int(),
      credential_count: z.number().int(),
      active: z.boolean(),
    })),
    count: z.number().int(),
    active_project: z.string(),
  }),
  async run(_input, { daemon, project }) {
    const active = await project();
    const { projects } = await daemon.call("project.list", {});
    return {
      structured: {
        projects: projects.map(({ name, description, partitionCount, credentialCount }) => ({
          name: foreignText(name),
          description: foreignText(description),
          partition_count: partitionCount,
          credential_count: credentialCount,
          active: name === active,
        })),
        count: projects.length,
        active_project: foreignText(active),
      },
    };
  },
});
