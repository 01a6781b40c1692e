/**
 * Sources that are trees (JSON, YAML), as the list of their texts. What a tree means is read off that list: a Kubernetes
 * Secret, a Docker configuration, the export of a password manager, or just names and values.
 *
 * @module
 */

import type { Swap } from "../splice.ts";
import { base64Of, textOfBase64 } from "./base64.ts";
import { hostOfUrl, hostPattern } from "./hosts.ts";
import type { SourceEntry } from "./types.ts";

/** A text in a tree. */
export interface Leaf {
  /** Keys and indexes from the root to it; the first is the number of the document. */
  readonly path: readonly string[];
  /** The text. */
  readonly value: string;
  /** Its line, from 1. */
  readonly line: number;
  /** What makes the source hold another text there; it consists of letters, digits and `_+/=` only. */
  readonly swap: (text: string) => Swap;
}

const SEPARATOR = "\0";

/** The leaves by their path. */
class Tree {
  readonly #values = new Map<string, string>();

  constructor(leaves: readonly Leaf[]) {
    for (const { path, value } of leaves) this.#values.set(path.join(SEPARATOR), value);
  }

  /** The text at a path. */
  get(...path: readonly string[]): string | undefined {
    return this.#values.get(path.join(SEPARATOR));
  }

  /** The first text under one of several last keys. */
  first(parent: readonly string[], ...keys: readonly string[]): string | undefined {
    for (const key of keys) {
      const value = this.get(...parent, key);
      if (value !== undefined && value !== "") return value;
    }
    return undefined;
  }
}

type Rule = (leaf: Leaf, tree: Tree) => SourceEntry | null;

/** In the order they are asked; the last one takes whatever comes. */
const RULES: readonly Rule[] = [kubernetesSecret, dockerAuth, bitwardenLogin, githubHost, namedValue, byPath];

/** What the leaves of a tree are as a source. */
export function entriesOf(leaves: readonly Leaf[]): SourceEntry[] {
  const tree = new Tree(leaves);
  return leaves.map((leaf) => {
    for (const rule of RULES) {
      const entry = rule(leaf, tree);
      if (entry !== null) return entry;
    }
    throw new Error("the last rule takes every leaf");
  });
}

/** `data` of a Kubernetes Secret is in Base64, `stringData` is not; both are secret by what they stand in. */
function kubernetesSecret(leaf: Leaf, tree: Tree): SourceEntry | null {
  const { path: [document = "", ...path], value, line, swap } = leaf;
  // A list of objects has them under `items`.
  const depth = path[0] === "items" ? 2 : 0;
  const root = [document, ...path.slice(0, depth)];
  const [field, key, ...deeper] = path.slice(depth);
  if (tree.get(...root, "kind") !== "Secret" || key === undefined || deeper.length > 0) return null;
  if (field !== "data" && field !== "stringData") return null;
  const secret = tree.get(...root, "metadata", "name");
  const name = secret === undefined ? key : `${secret}.${key}`;
  if (field === "stringData") return { name, value, line, swap };
  const decoded = textOfBase64(value);
  if (decoded === null) return null;
  return { name, value: decoded, line, swap: (token) => swap(base64Of(token)) };
}

/** `auths` of a Docker configuration: Base64 of `user:password` under the host of a registry. */
function dockerAuth({ path, value, line, swap }: Leaf): SourceEntry | null {
  const [, auths, registry, field] = path;
  if (auths !== "auths" || registry === undefined || path.length !== 4) return null;
  const host = hostOfUrl(registry) ?? hostPattern(registry.split("/")[0] ?? "");
  const rest = { line, certain: true, ...(host === null ? {} : { hosts: [host] }) };
  const name = `docker.${host ?? registry}`;
  if (field === "identitytoken" || field === "registrytoken") return { name, value, swap, ...rest };
  const pair = field === "auth" ? textOfBase64(value) : null;
  if (pair === null || !pair.includes(":")) return null;
  const user = pair.slice(0, pair.indexOf(":") + 1);
  return { name, value: pair, pair: true, swap: (token) => swap(base64Of(`${user}${token}`)), ...rest };
}

/** A login of a Bitwarden export: its item has a name, and addresses it is for. */
function bitwardenLogin(leaf: Leaf, tree: Tree): SourceEntry | null {
  const { path, value, line, swap } = leaf;
  const [field, login, ...above] = path.toReversed();
  if (login !== "login" || (field !== "password" && field !== "totp")) return null;
  const item = above.toReversed();
  const name = tree.get(...item, "name");
  if (name === undefined) return null;
  const address = tree.get(...item, "login", "uris", "0", "uri");
  const host = address === undefined ? null : hostOfUrl(address);
  return {
    name: `${name}.${field}`,
    value,
    line,
    swap,
    certain: true,
    ...(host === null ? {} : { hosts: [host] }),
  };
}

/** The configuration of GitHub's `gh`: `oauth_token` under a host. */
function githubHost({ path, value, line, swap }: Leaf): SourceEntry | null {
  if (path.at(-1) !== "oauth_token") return null;
  const host = path.map((key) => key.includes(".") ? hostPattern(key) : null).find((found) => found !== null);
  if (host === undefined || host === null) return null;
  return { name: `github.${host}.oauth_token`, value, line, swap, certain: true, hosts: [host] };
}

const NAME_KEYS = ["key", "name", "label", "secretKey"];
const VALUE_KEYS = new Set(["value", "secretValue", "computed", "raw"]);
const CONCEALED = new Set(["CONCEALED", "concealed", "1", "secret"]);

/**
 * `{"name": …, "value": …}`, as secret managers and container platforms write lists; `{"NAME": {"computed": …}}`, as
 * Doppler does. A 1Password field has a label, in an item with a title.
 */
function namedValue(leaf: Leaf, tree: Tree): SourceEntry | null {
  const { path, value, line, swap } = leaf;
  const key = path.at(-1) ?? "";
  if (!VALUE_KEYS.has(key)) return null;
  const parent = path.slice(0, -1);
  const label = tree.first(parent, ...NAME_KEYS);
  if (label === undefined) {
    if (key !== "computed" && key !== "raw") return null;
    return { name: parent.slice(1).join("."), value, line, swap };
  }
  const fields = parent.at(-2);
  const item = fields === "fields" ? parent.slice(0, -2) : null;
  const title = item === null ? undefined : tree.first(item, "title", "name");
  const address = item === null ? undefined : tree.get(...item, "urls", "0", "href");
  const host = address === undefined ? null : hostOfUrl(address);
  return {
    name: title === undefined ? label : `${title}.${label}`,
    value,
    line,
    swap,
    ...(item !== null && CONCEALED.has(tree.get(...parent, "type") ?? "") ? { certain: true } : {}),
    ...(host === null ? {} : { hosts: [host] }),
  };
}

function byPath({ path, value, line, swap }: Leaf): SourceEntry {
  return { name: path.slice(1).join("."), value, line, swap };
}
