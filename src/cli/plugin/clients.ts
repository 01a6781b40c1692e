/**
 * Where agents keep their configuration, and what stands in it for WispKey. Paths and fields are those of the clients'
 * own documentation.
 *
 * @module
 */

/** Whether a configuration is the person's or that of the project in the working directory. */
export type Scope = "user" | "project";

/** One entry of a configuration file. */
export type Entry =
  /** A member of a JSON object. */
  | { readonly kind: "member"; readonly path: readonly string[]; readonly value: unknown }
  /** An item of a JSON array; known again by the command in it. */
  | { readonly kind: "item"; readonly path: readonly string[]; readonly value: unknown }
  /** A member that is set only where it is missing, and stays. */
  | { readonly kind: "default"; readonly path: readonly string[]; readonly value: unknown }
  /** A table of a TOML file. */
  | { readonly kind: "table"; readonly name: string; readonly lines: readonly string[] };

/** What stands in one file. */
export interface ConfigFile {
  /** Path segments from the home or the project directory. */
  readonly path: readonly string[];
  /** What it is for. */
  readonly purpose: "MCP server" | "hooks" | "MCP server and hooks";
  /** Its entries, in the order they are made. */
  readonly entries: readonly Entry[];
}

/** One client. */
export interface Client {
  /** Its name for people. */
  readonly title: string;
  /** Its files by scope; none where it has no such scope. */
  readonly files: Readonly<Record<Scope, readonly ConfigFile[]>>;
}

/** What starts the MCP server. It holds no password: the server asks the daemon. */
export const SERVER = { command: "wispkey", args: ["mcp", "serve"] } as const;
/** What judges what an agent is about to do. */
const GUARD = "wispkey guard";

/** Tools of Claude Code whose input can hold or show a secret. */
const CLAUDE_TOOLS =
  "Bash|PowerShell|Read|Write|Edit|MultiEdit|NotebookEdit|WebFetch|WebSearch|Task|Agent|mcp__.*";
/** Events of Cursor that come before something. */
const CURSOR_EVENTS = [
  "beforeShellExecution",
  "beforeMCPExecution",
  "beforeReadFile",
  "beforeSubmitPrompt",
] as const;
const WINDSURF_EVENTS = [
  "pre_run_command",
  "pre_write_code",
  "pre_read_code",
  "pre_mcp_tool_use",
  "pre_user_prompt",
] as const;

const item = (path: readonly string[], value: unknown): Entry => ({ kind: "item", path, value });
const server = (key: string, value: unknown = SERVER): Entry => ({
  kind: "member",
  path: [key, "wispkey"],
  value,
});

/** Hooks in the form of Claude Code, which Codex shares. */
function claudeHooks(command: string, tools: string): Entry[] {
  const hooks = [{ type: "command", command, timeout: 10 }];
  return [
    item(["hooks", "PreToolUse"], { matcher: tools, hooks }),
    item(["hooks", "UserPromptSubmit"], { hooks }),
  ];
}

const CURSOR_HOOKS: readonly Entry[] = [
  { kind: "default", path: ["version"], value: 1 },
  ...CURSOR_EVENTS.map((event) => item(["hooks", event], { command: GUARD, timeout: 10 })),
  item(["hooks", "preToolUse"], { command: GUARD, matcher: "Write", timeout: 10 }),
];

const GEMINI: readonly Entry[] = [
  server("mcpServers"),
  item(["hooks", "BeforeTool"], {
    matcher: ".*",
    hooks: [{ name: "wispkey-guard", type: "command", command: GUARD, timeout: 10_000 }],
  }),
  item(["hooks", "BeforeAgent"], {
    hooks: [{ name: "wispkey-guard", type: "command", command: GUARD, timeout: 10_000 }],
  }),
];

const WINDSURF_HOOKS: readonly Entry[] = WINDSURF_EVENTS.map((event) =>
  item(["hooks", event], { command: `${GUARD} --client windsurf`, show_output: true })
);

const CODEX_TABLE: Entry = {
  kind: "table",
  name: "mcp_servers.wispkey",
  lines: ['command = "wispkey"', 'args = ["mcp", "serve"]'],
};

/** The directory in which Visual Studio Code keeps a person's settings. */
function codeDirectory(os: string): readonly string[] {
  if (os === "darwin") return ["Library", "Application Support", "Code", "User"];
  return os === "windows" ? ["AppData", "Roaming", "Code", "User"] : [".config", "Code", "User"];
}

function zedDirectory(os: string): readonly string[] {
  return os === "windows" ? ["AppData", "Roaming", "Zed"] : [".config", "zed"];
}

/** Names of the clients. */
export const CLIENT_NAMES = ["claude", "cursor", "windsurf", "codex", "gemini", "zed", "vscode"] as const;
/** One of {@linkcode CLIENT_NAMES}. */
export type ClientName = typeof CLIENT_NAMES[number];

/**
 * A client.
 *
 * @param os as in `Deno.build.os`
 */
export function clientOf(name: ClientName, os: string): Client {
  const mcp = (path: readonly string[], key: string, value?: unknown): ConfigFile => ({
    path,
    purpose: "MCP server",
    entries: [server(key, value)],
  });
  const hooks = (path: readonly string[], entries: readonly Entry[]): ConfigFile => ({
    path,
    purpose: "hooks",
    entries,
  });
  switch (name) {
    case "claude": {
      const settings = hooks([".claude", "settings.json"], claudeHooks(GUARD, CLAUDE_TOOLS));
      return {
        title: "Claude Code",
        files: {
          user: [mcp([".claude.json"], "mcpServers"), settings],
          project: [mcp([".mcp.json"], "mcpServers"), settings],
        },
      };
    }
    case "cursor": {
      const files = [
        mcp([".cursor", "mcp.json"], "mcpServers"),
        hooks([".cursor", "hooks.json"], CURSOR_HOOKS),
      ];
      return { title: "Cursor", files: { user: files, project: files } };
    }
    case "windsurf":
      return {
        title: "Windsurf",
        files: {
          user: [
            mcp([".codeium", "windsurf", "mcp_config.json"], "mcpServers"),
            hooks([".codeium", "windsurf", "hooks.json"], WINDSURF_HOOKS),
          ],
          project: [hooks([".windsurf", "hooks.json"], WINDSURF_HOOKS)],
        },
      };
    case "codex": {
      const files: ConfigFile[] = [
        { path: [".codex", "config.toml"], purpose: "MCP server", entries: [CODEX_TABLE] },
        hooks([".codex", "hooks.json"], claudeHooks(`${GUARD} --client codex`, ".*")),
      ];
      return { title: "Codex", files: { user: files, project: files } };
    }
    case "gemini": {
      const files: ConfigFile[] = [
        { path: [".gemini", "settings.json"], purpose: "MCP server and hooks", entries: GEMINI },
      ];
      return { title: "Gemini CLI", files: { user: files, project: files } };
    }
    case "zed": {
      const value = { source: "custom", ...SERVER, env: {} };
      return {
        title: "Zed",
        files: {
          user: [mcp([...zedDirectory(os), "settings.json"], "context_servers", value)],
          project: [mcp([".zed", "settings.json"], "context_servers", value)],
        },
      };
    }
    case "vscode": {
      const value = { type: "stdio", ...SERVER };
      return {
        title: "Visual Studio Code",
        files: {
          user: [mcp([...codeDirectory(os), "mcp.json"], "servers", value)],
          project: [mcp([".vscode", "mcp.json"], "servers", value)],
        },
      };
    }
  }
}
