/**
 * A tool: its description for the model, its schemas, what it does. Whatever is thrown becomes an error of the tool, with
 * the hint that mends it; nothing crashes the server.
 *
 * @module
 */

import { WispKeyError } from "../core/errors.ts";
import { escapeText } from "../core/name.ts";
import { logger } from "../platform/logging.ts";
import type { McpContext } from "./context.ts";

const log = logger("mcp");

/** What a tool answers: an object that fits its output schema, and text beside it if that says it better than the JSON. */
export interface ToolAnswer<Output> {
  /** For programs. */
  readonly structured: Output;
  /** For the model; the JSON of `structured` by default. */
  readonly text?: string;
}

/** What a tool takes or answers: a schema of zod, of which our own code needs this much. */
export interface Schema<Value> {
  /** Reads a value, or throws. */
  parse(value: unknown): Value;
}

/** What a client may assume of a tool without trying; the words are the protocol's. */
export interface ToolHints {
  /** It changes nothing. */
  readonly readOnlyHint: boolean;
  /** It may destroy something. */
  readonly destructiveHint?: boolean;
  /** A second call with the same arguments changes nothing more. */
  readonly idempotentHint: boolean;
  /** It reaches beyond this computer. */
  readonly openWorldHint: boolean;
}

/** How a tool is written. */
export interface ToolSpec<Input, Output> {
  /** Its name, `wispkey_…`. */
  readonly name: string;
  /** Its name for people. */
  readonly title: string;
  /** What the model is told of it. */
  readonly description: string;
  /** What it takes; strict, so that a slip is told. */
  readonly input: Schema<Input>;
  /** What it answers. */
  readonly output: Schema<Output>;
  /** What may be assumed of it. */
  readonly annotations: ToolHints;
  /** Does it. `signal` is aborted when the client takes the call back. */
  run(input: Input, context: McpContext, signal: AbortSignal): Promise<ToolAnswer<NoInfer<Output>>>;
}

/** What a call came to, in the words of the protocol. */
export interface ToolResult {
  /** Text for the model. */
  content: { type: "text"; text: string }[];
  /** The same for programs; absent in errors. */
  structuredContent?: Record<string, unknown>;
  /** Whether it is an error of the tool. */
  isError?: boolean;
}

/** A tool, ready to be offered. */
export interface Tool extends Omit<ToolSpec<unknown, unknown>, "run"> {
  /** Does it; never throws. `args` fit the input schema. */
  call(args: unknown, context: McpContext, signal: AbortSignal): Promise<ToolResult>;
}

/** Makes a tool. */
export function defineTool<Input, Output>({ run, ...spec }: ToolSpec<Input, Output>): Tool {
  return {
    ...spec,
    async call(args, context, signal) {
      try {
        return answered(await run(args as Input, context, signal));
      } catch (error) {
        return { content: [{ type: "text", text: errorText(spec.name, error) }], isError: true };
      }
    },
  };
}

function answered({ structured, text }: ToolAnswer<unknown>): ToolResult {
  return {
    content: [{ type: "text", text: text ?? JSON.stringify(structured, null, 2) }],
    structuredContent: structured as Record<string, unknown>,
  };
}

/**
 * An error as the model reads it: what failed and why, its code, and the hint. What is not expected is told without its text,
 * which could hold anything.
 */
export function errorText(name: string, error: unknown): string {
  if (!(error instanceof WispKeyError)) {
    log.error("a tool met a defect of the program", { error });
    return `${name} failed: an unexpected error\ncode: internal\nhint: wispkey doctor`;
  }
  const lines = [escapeText(error.message), `code: ${escapeText(error.code)}`];
  if (error.hint !== undefined) lines.push(`hint: ${escapeText(error.hint)}`);
  if (error.code === "vault_locked") {
    lines.push("Only a person can unlock it, in a terminal: tell them, and try again afterwards.");
  }
  return lines.join("\n");
}
