/**
 * What a client's hook asks about. Each client has its own names for the same things; the fields are those of its
 * documentation.
 *
 * @module
 */

/** The dialects; Codex speaks Claude Code's. */
export const DIALECTS = ["claude", "cursor", "gemini", "windsurf"] as const;

/** One of {@linkcode DIALECTS}. */
export type Dialect = typeof DIALECTS[number];

/** A thing to be judged. */
export type Subject =
  /** A shell command. */
  | { readonly kind: "command"; readonly text: string }
  /** What is to be written, said, or given to a tool. */
  | { readonly kind: "text"; readonly text: string }
  /** A file that is to be read. */
  | { readonly kind: "path"; readonly text: string };

/** What a hook asks. */
export interface HookRequest {
  /** In whose words to answer. */
  readonly dialect: Dialect;
  /** The client's name of the event, as it was given. */
  readonly event: string;
  /** What is to be judged. */
  readonly subjects: readonly Subject[];
}

type Json = Record<string, unknown>;

const SHELL_TOOL = /bash|shell|terminal|powershell|run_command|exec/i;
const READ_TOOL = /^(?:read|read_file|readfile|notebookread|view|read_many_files)$/i;
/** Names under which tools take a command. */
const COMMAND_KEYS = ["command", "command_line", "cmd", "script"];
const PATH_KEYS = ["file_path", "path", "absolute_path", "notebook_path", "paths"];

/**
 * Reads a hook's JSON.
 *
 * @param given the dialect the client was configured with; otherwise it is told from the fields
 * @throws {SyntaxError} if the text is not JSON; {TypeError} if it is no hook's.
 */
export function readRequest(text: string, given?: Dialect): HookRequest {
  const json = object(JSON.parse(text));
  const dialect = given ?? dialectOf(json);
  const event = string(json["hook_event_name"]) ?? string(json["agent_action_name"]);
  if (event === undefined) throw new TypeError("neither 'hook_event_name' nor 'agent_action_name' is there");
  return { dialect, event, subjects: dialect === "windsurf" ? ofWindsurf(json) : ofEvent(json, event) };
}

function dialectOf(json: Json): Dialect {
  if (typeof json["agent_action_name"] === "string") return "windsurf";
  const event = string(json["hook_event_name"]) ?? "";
  if (/^(?:before|after)[A-Z]|^(?:preToolUse|postToolUse|stop|sessionStart|subagentStart)$/.test(event)) {
    return "cursor";
  }
  return /^(?:Before|After)(?:Tool|Agent|Model|ToolSelection)$/.test(event) ? "gemini" : "claude";
}

function ofEvent(json: Json, event: string): Subject[] {
  const prompt = string(json["prompt"]);
  if (/prompt|BeforeAgent/i.test(event)) return prompt === undefined ? [] : [{ kind: "text", text: prompt }];
  const command = string(json["command"]);
  switch (event) {
    case "beforeShellExecution":
      return command === undefined ? [] : [{ kind: "command", text: command }];
    case "beforeReadFile":
    case "beforeTabFileRead":
      return ofRead(json);
    case "beforeMCPExecution":
      return texts(parsed(json["tool_input"]));
  }
  return ofTool(string(json["tool_name"]) ?? "", parsed(json["tool_input"]));
}

function ofTool(name: string, input: unknown): Subject[] {
  const fields = isObject(input) ? input : {};
  const plain = !name.startsWith("mcp__");
  if (plain && READ_TOOL.test(name)) return ofRead(fields);
  const commands = plain && SHELL_TOOL.test(name)
    ? COMMAND_KEYS.flatMap((key) => commandOf(fields[key]))
    : [];
  return [
    ...commands.map((text): Subject => ({ kind: "command", text })),
    ...texts(input).filter(({ text }) => !commands.includes(text)),
  ];
}

/** A command as one text, or as its arguments: then the last one of `sh -c …` is the text. */
function commandOf(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (!Array.isArray(value)) return [];
  const words = value.filter((word) => typeof word === "string");
  return [
    words.map((word) => /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`).join(
      " ",
    ),
  ];
}

function ofRead(fields: Json): Subject[] {
  const paths = PATH_KEYS.flatMap((key) => {
    const value = fields[key];
    return Array.isArray(value) ? value : [value];
  }).filter((path) => typeof path === "string");
  return paths.map((text): Subject => ({ kind: "path", text }));
}

function ofWindsurf(json: Json): Subject[] {
  const info = object(json["tool_info"] ?? {});
  switch (json["agent_action_name"]) {
    case "pre_run_command": {
      const command = string(info["command_line"]);
      return command === undefined ? [] : [{ kind: "command", text: command }];
    }
    case "pre_read_code":
      return ofRead(info);
    default:
      return texts(info);
  }
}

/** Every text in a tool's input, names of members included; an edit's old text is there already. */
function texts(value: unknown, depth = 0): Subject[] {
  if (typeof value === "string") return value === "" ? [] : [{ kind: "text", text: value }];
  if (depth > 64 || value === null || typeof value !== "object") return [];
  return Object.entries(value).flatMap(([key, member]): Subject[] => {
    if (/^old_(?:string|str|source)$/.test(key)) return [];
    // A name and its value are looked at together, as in a file.
    const named = typeof member === "string" && !Array.isArray(value) ? `${key}=${member}` : member;
    return texts(named, depth + 1);
  });
}

/** Cursor hands the input of MCP tools over as JSON in a text. */
function parsed(value: unknown): unknown {
  if (typeof value !== "string") return value;
  try {
    return JSON.parse(value);
  } catch {
    return value; // Not JSON: then it is a text like any other.
  }
}

function object(value: unknown): Json {
  if (!isObject(value)) throw new TypeError("it is no JSON object");
  return value;
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function string(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
