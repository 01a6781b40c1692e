/**
 * The tools, resources and prompts that the conformance suite calls by name, behind the product's own HTTP server: what those
 * scenarios say of our tools is nothing, but they show that the way through carries every kind of content.
 *
 * @module
 */

import { createMcpHandler, McpServer, ResourceTemplate } from "@modelcontextprotocol/server";
import { z } from "zod";
import type { HttpHandler } from "../../src/mcp/server.ts";

/** Scenarios that need these, and that a server without sessions can pass. */
export const FIXTURE_SCENARIOS: readonly string[] = [
  "logging-set-level",
  "tools-call-simple-text",
  "tools-call-image",
  "tools-call-audio",
  "tools-call-embedded-resource",
  "tools-call-mixed-content",
  "tools-call-with-logging",
  "tools-call-error",
  "tools-call-with-progress",
  "resources-read-text",
  "resources-read-binary",
  "resources-templates-read",
  "prompts-get-simple",
  "prompts-get-with-args",
  "prompts-get-embedded-resource",
  "prompts-get-with-image",
];

const DATA = "iVBORw0KGgo=";
const IMAGE = { type: "image" as const, data: DATA, mimeType: "image/png" };
const AUDIO = { type: "audio" as const, data: "UklGRg==", mimeType: "audio/wav" };

/** A server with the fixtures. */
export function fixtureHandler(): HttpHandler {
  return createMcpHandler(() => {
    const server = new McpServer({ name: "fixtures", version: "1.0.0" }, { capabilities: { logging: {} } });
    addTools(server);
    addResources(server);
    addPrompts(server);
    return server;
  });
}

function text(words: string) {
  return { type: "text" as const, text: words };
}

function resource(uri: string, mimeType: string, words: string) {
  return { type: "resource" as const, resource: { uri, mimeType, text: words } };
}

function addTools(server: McpServer): void {
  const config = { inputSchema: z.object({}) };
  server.registerTool("test_simple_text", config, () => ({
    content: [text("This is a simple text response for testing.")],
  }));
  server.registerTool("test_image_content", config, () => ({ content: [IMAGE] }));
  server.registerTool("test_audio_content", config, () => ({ content: [AUDIO] }));
  server.registerTool("test_embedded_resource", config, () => ({
    content: [resource("test://embedded-resource", "text/plain", "This is an embedded resource content.")],
  }));
  server.registerTool("test_multiple_content_types", config, () => ({
    content: [
      text("Multiple content types test:"),
      IMAGE,
      resource("test://mixed-content-resource", "application/json", '{"test":"data","value":123}'),
    ],
  }));
  server.registerTool("test_error_handling", config, () => {
    throw new Error("This tool intentionally returns an error for testing");
  });
  server.registerTool("test_tool_with_logging", config, async (_args, { mcpReq }) => {
    for (const words of ["Tool execution started", "Tool processing data", "Tool execution completed"]) {
      await mcpReq.log("info", words);
    }
    return { content: [text("done")] };
  });
  server.registerTool("test_tool_with_progress", config, async (_args, { mcpReq }) => {
    const { progressToken } = mcpReq._meta ?? {};
    for (const progress of progressToken === undefined ? [] : [0, 50, 100]) {
      await mcpReq.notify({
        method: "notifications/progress",
        params: { progressToken: progressToken ?? 0, progress, total: 100 },
      });
    }
    return { content: [text("done")] };
  });
}

function addResources(server: McpServer): void {
  server.registerResource("static-text", "test://static-text", { mimeType: "text/plain" }, ({ href }) => ({
    contents: [{
      uri: href,
      mimeType: "text/plain",
      text: "This is the content of the static text resource.",
    }],
  }));
  server.registerResource("static-binary", "test://static-binary", { mimeType: "image/png" }, ({ href }) => ({
    contents: [{ uri: href, mimeType: "image/png", blob: DATA }],
  }));
  const template = new ResourceTemplate("test://template/{id}/data", { list: undefined });
  server.registerResource("template", template, { mimeType: "application/json" }, ({ href }, { id }) => ({
    contents: [{
      uri: href,
      mimeType: "application/json",
      text: JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` }),
    }],
  }));
}

function addPrompts(server: McpServer): void {
  const says = (...content: (ReturnType<typeof text> | typeof IMAGE | ReturnType<typeof resource>)[]) => ({
    messages: content.map((content) => ({ role: "user" as const, content })),
  });
  server.registerPrompt("test_simple_prompt", {}, () => says(text("This is a simple prompt for testing.")));
  server.registerPrompt("test_prompt_with_arguments", {
    argsSchema: z.object({ arg1: z.string(), arg2: z.string() }),
  }, ({ arg1, arg2 }) => says(text(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`)));
  server.registerPrompt("test_prompt_with_embedded_resource", {
    argsSchema: z.object({ resourceUri: z.string() }),
  }, ({ resourceUri }) =>
    says(
      resource(resourceUri, "text/plain", "Embedded resource content for testing."),
      text("Please process the embedded resource above."),
    ));
  server.registerPrompt(
    "test_prompt_with_image",
    {},
    () => says(IMAGE, text("Please analyze the image above.")),
  );
}
