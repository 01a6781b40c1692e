/**
 * The commands on credentials.
 *
 * @module
 */

import { LOCKED, missing, NOBODY } from "../exits.ts";
import { CREDENTIAL_TYPES } from "../../core/credential.ts";
import type { CommandSpec, OptionSpec } from "../spec.ts";

const GROUP = "Credentials";
const NAME = { name: "NAME", description: "name of the credential" };
const KNOWN = { ...NAME, complete: "credential" } as const;
const PROJECT: OptionSpec = {
  type: "text",
  metavar: "NAME",
  complete: "project",
  env: "WISPKEY_PROJECT",
  default: "the active project",
  description: "project it belongs to",
};
const VALUE: Record<string, OptionSpec> = {
  value: {
    type: "text",
    metavar: "SECRET",
    hyphenValue: true,
    description: "the secret itself; stays in the shell's history, so prefer the prompt or --value-file",
  },
  "value-file": {
    type: "text",
    metavar: "PATH",
    complete: "file",
    description: "file whose bytes are the secret, kept verbatim; - is standard input",
  },
};
const DETAILS: Record<string, OptionSpec> = {
  description: { type: "text", metavar: "TEXT", hyphenValue: true, description: "what it is for" },
  hosts: {
    type: "list",
    metavar: "PATTERNS",
    description: "where it may go: [scheme://]host[:port][/path], comma separated; '*' is anywhere",
  },
  "allow-public-suffix": {
    type: "flag",
    description: "accept a wildcard under which anybody can get a name, such as *.workers.dev",
  },
  tags: { type: "list", metavar: "TAGS", description: "labels, comma separated" },
  in: {
    type: "text",
    metavar: "PLACE",
    description: "the one place it may stand in: header:NAME, query:NAME, body:/json/pointer, form:FIELD, " +
      "body (anywhere in a text body), ws (a message over a WebSocket), basic:user or basic:password",
  },
  "header-name": { type: "text", metavar: "NAME", description: "the same as --in header:NAME" },
  "param-name": { type: "text", metavar: "NAME", description: "the same as --in query:NAME" },
};
const MISSING = missing("such credential, partition or project");

/** `add`, `list`, `get`, `edit`, `remove`, `rotate`. */
export const credentialCommands: readonly CommandSpec[] = [
  {
    path: ["add"],
    group: GROUP,
    summary: "keep a secret and get the wisp token that stands for it",
    description:
      "The secret is asked for twice, hidden, unless --value-file or --value gives it. Without --hosts " +
      "it can be used nowhere through the proxy until 'wispkey edit' names hosts.",
    positionals: [NAME],
    options: {
      type: {
        type: "text",
        metavar: "TYPE",
        choices: CREDENTIAL_TYPES,
        default: "bearer_token",
        description: "where in a request the secret may stand",
      },
      ...DETAILS,
      ...VALUE,
      partition: {
        type: "text",
        metavar: "NAME",
        complete: "partition",
        default: "personal",
        description: "partition it lies in",
      },
      project: PROJECT,
    },
    examples: [
      { line: "wispkey add openai --hosts api.openai.com", note: "asks for the key, hidden" },
      {
        line: "op read -n op://dev/stripe/key | wispkey add stripe --hosts api.stripe.com --value-file -",
        note: "takes it from another program",
      },
      {
        line: "wispkey add maps --type query_param --param-name key --hosts maps.googleapis.com",
        note: "a key that goes into the query",
      },
      {
        line: "wispkey add idp --type api_key --in form:client_secret --hosts login.example.com",
        note: "a secret that goes into a form field",
      },
    ],
    exits: [LOCKED, missing("such partition or project")],
    load: async () => (await import("./add.ts")).add,
  },
  {
    path: ["list"],
    group: GROUP,
    summary: "list credentials, without secrets; tokens only in JSON",
    positionals: [],
    options: {
      partition: {
        type: "text",
        metavar: "NAME",
        complete: "partition",
        description: "only those of one partition",
      },
      project: PROJECT,
      "all-projects": { type: "flag", description: "those of all projects" },
    },
    examples: [
      { line: "wispkey list", note: "those of the active project" },
      { line: "wispkey list --all-projects --json", note: "all of them, for a program" },
    ],
    exits: [LOCKED, missing("such partition or project")],
    load: async () => (await import("./list.ts")).list,
  },
  {
    path: ["get"],
    group: GROUP,
    summary: "show one credential; its token or its secret only if asked",
    positionals: [KNOWN],
    options: {
      "show-token": { type: "flag", description: "show the wisp token too; this is written in the log" },
      reveal: {
        type: "flag",
        description: "show the secret itself: on a terminal only, with the master password given again",
      },
      project: PROJECT,
    },
    examples: [
      { line: "wispkey get openai", note: "everything but token and secret" },
      {
        line: "wispkey get openai --show-token --json | jq -r .credential.wisp_token",
        note: "the token alone",
      },
    ],
    exits: [LOCKED, MISSING, [5, "--reveal where there is no terminal, or nobody can be asked"]],
    load: async () => (await import("./get.ts")).get,
  },
  {
    path: ["edit"],
    group: GROUP,
    summary: "change a credential's name, hosts, type or labels",
    description:
      "Whatever lets the secret go to more places asks for the master password. Secret and token stay. What " +
      "is written into a body can often be read back from the host, so a body place has to be declared.",
    positionals: [KNOWN],
    options: {
      name: { type: "text", metavar: "NAME", description: "new name" },
      type: { type: "text", metavar: "TYPE", choices: CREDENTIAL_TYPES, description: "new type" },
      ...DETAILS,
      partition: {
        type: "text",
        metavar: "NAME",
        complete: "partition",
        description: "move it to this partition",
      },
      confirm: {
        type: "flag",
        description:
          "say that hosts, type and place are right, where it was added without the master password",
      },
      project: PROJECT,
    },
    examples: [
      { line: "wispkey edit openai --hosts api.openai.com", note: "say where it may go" },
      { line: "wispkey edit openai --hosts ''", note: "nowhere any more" },
      { line: "wispkey edit openai --confirm", note: "shows where it may go and asks for the password" },
      {
        line: "wispkey edit hook --type api_key --in body:/auth/token",
        note: "let it stand in one place of a JSON body",
      },
    ],
    exits: [LOCKED, MISSING, NOBODY],
    load: async () => (await import("./edit.ts")).edit,
  },
  {
    path: ["remove"],
    group: GROUP,
    summary: "remove a credential and its secret for good",
    positionals: [KNOWN],
    options: { project: PROJECT },
    examples: [{ line: "wispkey remove openai --yes", note: "without being asked" }],
    exits: [[1, "the question was answered with no"], LOCKED, MISSING],
    load: async () => (await import("./remove.ts")).remove,
  },
  {
    path: ["rotate"],
    group: GROUP,
    summary: "give a credential a new token, or a new secret",
    description:
      "Alone it makes a new wisp token, and the old one is refused from now on. With a value it replaces " +
      "the secret, keeps the token, and asks for the master password.",
    positionals: [KNOWN],
    options: {
      ...VALUE,
      "value-prompt": { type: "flag", description: "ask for the new secret, hidden" },
      project: PROJECT,
    },
    examples: [
      { line: "wispkey rotate openai", note: "a new token" },
      { line: "wispkey rotate openai --value-prompt", note: "a new secret under the same token" },
    ],
    exits: [LOCKED, MISSING, NOBODY],
    load: async () => (await import("./rotate.ts")).rotate,
  },
];
