/**
 * Protections of what a person decides: policies, approvals, who calls, what comes by a file.
 *
 * @module
 */

import { inFile, type Mutation } from "./mutation.ts";

/** What the owner said, and what others may not say for the owner. */
export const POLICIES_AND_PEOPLE: readonly Mutation[] = [
  ...inFile(
    "src/core/policy/rule_set.ts",
    ["tests/core/policy", "tests/attacks/policy_path_evaded_test.ts"],
    [
      [
        "a path that can be read in two ways is denied",
        'path === null ? rank(this.#exact, "allowed_paths") : this.#path(path)',
        "path === null ? NONE : this.#path(path)",
      ],
      [
        "a method said twice is denied",
        'question.methodOverridden ? rank(this.#exact, "allowed_methods") : NONE',
        "NONE",
      ],
      [
        "a policy's end is its end",
        "(expires) => now >= expires)",
        "() => false)",
      ],
      ["denied hosts are denied", "if (deniedHosts?.some(matches))", "if (false as boolean)"],
      [
        "other hosts than the allowed are denied",
        "if (allowedHosts !== null && !allowedHosts.some(matches))",
        "if (false as boolean)",
      ],
    ],
  ),
  ...inFile("src/core/policy/path_rule.ts", [
    "tests/core/policy/path_rule_test.ts",
    "tests/attacks/policy_path_evaded_test.ts",
    "tests/attacks/denied_path_in_capitals_test.ts",
  ], [
    [
      "neither a slash at the end nor the case of letters leads around a denied path",
      "  if (matchesPathRule(folded, lower)) return true;\n",
      "  return matchesPathRule(folded, path);\n",
    ],
    ["what is no UTF-8 has no path", "return isUtf8(decoded) ? decoded : null;", "return decoded;"],
  ]),
  ...inFile("src/core/policy/host_rule.ts", [
    "tests/core/policy",
    "tests/attacks/policy_file_with_mistakes_test.ts",
  ], [
    [
      "subdomains in a rule are not look-alikes",
      "target.host.charCodeAt(target.host.length - rule.host.length - 1) === 0x2e",
      "true",
    ],
    [
      "a host that cannot be one is a mistake",
      "  if (/^!|:\\/\\/!/.test(text)) refuse(",
      "  if (false as boolean) refuse(",
    ],
  ]),
  ...inFile("src/core/policy/fields.ts", ["tests/core/policy"], [
    ["an unknown key is a mistake", "if (known.includes(key)) continue;", "continue;"],
  ]),
  ...inFile("src/proxy/steps/check_policy.ts", ["tests/proxy/steps/check_policy_test.ts"], [
    [
      "what a policy denies is not sent",
      'if (verdict.kind !== "allow" && verdict.kind !== "approve") throw',
      "if (false as boolean) throw",
    ],
    [
      "every credential of a request is judged",
      "for (const credential of credentials) {",
      "for (const credential of credentials.slice(0, 1)) {",
    ],
  ]),
  ...inFile("src/proxy/steps/await_approval.ts", ["tests/proxy/approvals_test.ts"], [
    ["only what was approved is sent", 'if (outcome !== "approved") throw', "if (false as boolean) throw"],
    ["the approval is for this body", "bodySha256: await sha256Hex(body),", 'bodySha256: "",', [
      "tests/proxy/approvals_test.ts",
    ]],
    [
      "the approval is for this target",
      "targetSha256: await sha256Hex(utf8(`${context.head.method} ${target.path}${target.query}`)),",
      'targetSha256: "",',
      ["tests/proxy/approvals_test.ts"],
    ],
  ]),
  ...inFile("src/daemon/approvals/desk.ts", [
    "tests/proxy/approvals_test.ts",
    "tests/attacks/approve_own_request_test.ts",
    "tests/attacks/approved_too_late_test.ts",
  ], [
    ["what is approved is what was shown", "if (pending.digest !== digest) {", "if (false as boolean) {"],
    [
      "a caller has three questions at once",
      "waiting >= MAX_PENDING_PER_CALLER) return false;",
      "false) return false;",
    ],
    ["nobody is worn down by questions", "if (lately.length >= MAX_ASKED_PER_CALLER) return false;", ""],
    ["approvals end with the key", "    this.#grants.clear();\n", ""],
    [
      "questions end with the key",
      'for (const pending of [...this.#pending.values()]) pending.settle("locked");',
      "",
    ],
    ["an approval ends with its time", "if (this.#now() < until) return true;", "return true;"],
  ]),
  ...inFile("src/proxy/steps/await_approval.ts", ["tests/attacks/approved_too_late_test.ts"], [
    ["who was revoked meanwhile stays so", "  callerOf(context, services);\n", ""],
    ["what was forbidden meanwhile stays so", "  await checkPolicy(context, services);\n", ""],
  ]),
  ...inFile("src/proxy/websocket/from_client.ts", ["tests/attacks/websocket_outlives_its_right_test.ts"], [
    ["rights that were taken away end WebSockets", "    rules.check();\n", ""],
  ]),
  ...inFile("src/proxy/websocket/from_server.ts", ["tests/attacks/websocket_outlives_its_right_test.ts"], [
    ["also those that only listen", "    check();\n", ""],
  ]),
  ...inFile("src/proxy/steps/check_caller.ts", ["tests/proxy/asking_test.ts"], [
    [
      "who does not say who calls is asked",
      'if (asksCaller && identity.kind === "none") {',
      "if (false as boolean) {",
    ],
  ]),
  ...inFile("src/proxy/own_listener.ts", ["tests/proxy/asking_test.ts"], [
    ["every port of ours is ourselves", " || listener.all?.has(port) === true", ""],
  ]),
  ...inFile("src/proxy/proxy.ts", ["tests/proxy/asking_test.ts"], [
    [
      "all ports share the number of connections",
      "limits().maxConnections - this.connections + listener.connections",
      "limits().maxConnections",
    ],
  ]),
  ...inFile("src/proxy/under_way.ts", [
    "tests/attacks/answer_outlives_its_right_test.ts",
    "tests/attacks/websocket_outlives_its_right_test.ts",
  ], [
    ["rights that were taken away end answers under way", "    queueMicrotask(() => this.#askAll());\n", ""],
    ["a person who locks the vault ends them", "    this.#isShut = true;\n", ""],
  ]),
  ...inFile("src/proxy/rights.ts", ["tests/attacks/answer_outlives_its_right_test.ts"], [
    ["their caller is asked for", 'if (context.caller.kind === "run") callerOf(context, services);', ""],
    [
      "their hosts are asked for",
      "match.credential.hosts.some((pattern) => matchesHost(pattern, context.target));",
      "true;",
    ],
  ]),
  ...inFile("src/proxy/forward.ts", ["tests/attacks/answer_outlives_its_right_test.ts"], [
    [
      "an answer that comes after its right has gone is not given",
      "if (underWay.changes !== changes) requireRights(",
      "if (false as boolean) requireRights(",
    ],
  ]),
  ...inFile("src/proxy/websocket/connection.ts", ["tests/attacks/websocket_outlives_its_right_test.ts"], [
    ["WebSockets on which nobody speaks are ended, too", "  relay.cut.subscribe(onCut);\n", ""],
  ]),
  ...inFile("src/daemon/vault_daemon.ts", ["tests/e2e/answer_cut_test.ts"], [
    [
      "a change of a credential is told to what is under way",
      "    this.#keyring.refresh(id);\n    this.#underWay.rightsChanged();\n",
      "    this.#keyring.refresh(id);\n",
    ],
    ["the end of a caller is told to it", "onEnd: () => this.#underWay.rightsChanged(),", ""],
    ["so is the lock", "    if (asked) this.#underWay.shut();\n", ""],
  ]),
  ...inFile("src/daemon/callers.ts", ["tests/attacks/caller_revoked_while_locked_test.ts"], [
    ["a caller revoked while locked stays so", "if (ended.has(record.id))", "if (false as boolean)"],
  ]),
  ...inFile("src/daemon/operations/approvals.ts", ["tests/attacks/approve_own_request_test.ts"], [
    ["approving takes the password", 'need: "password",', 'need: "key",'],
  ]),
  ...inFile("src/daemon/operations/policies.ts", ["tests/attacks/policies_loosened_test.ts"], [
    ["applying policies takes the password", 'need: "password",', 'need: "key",'],
  ]),
  ...inFile("src/core/policy/judge.ts", ["tests/daemon/policies", "tests/core/policy"], [
    [
      "a rate that is not counted yet lets nothing pass",
      "if (this.#uncounted.size === 0) return null;",
      "if (true as boolean) return null;",
    ],
    [
      "a rate that is about something else is counted anew",
      "this.#counted.get(rate) === about;",
      "this.#counted.has(rate);",
    ],
  ]),
  ...inFile("src/core/policy/rate_book.ts", ["tests/daemon/policies", "tests/core/policy"], [
    [
      "uses that are not in the log yet are not forgotten",
      "own === undefined ? window : SlidingWindow.strictest(own, window)",
      "window",
    ],
  ]),
  ...inFile("src/daemon/policies/past_uses.ts", ["tests/daemon/policies"], [
    ["uses under another name are counted", "byToken.get(tokenFingerprint) ?? named", "named"],
    [
      "only the newest text's counting counts",
      "if (run !== this.#run) return;\n        judge.countPast",
      "judge.countPast",
    ],
  ]),
  ...inFile("src/daemon/policies/keeper.ts", ["tests/daemon/policies"], [
    [
      "a policy that is applied again keeps what was renamed",
      "policies, now(), this.#keptBy(policies)",
      "policies, now()",
    ],
  ]),
  ...inFile("src/daemon/log_keeper.ts", ["tests/daemon/log_keeper_test.ts"], [
    ["the last week of the log stays", "keep: rows, keepSince: now - KEPT_MS", "keep: rows"],
  ]),
  ...inFile("src/vault/audit/query.ts", ["tests/vault/audit/page_test.ts"], [
    ["a page ends with its rows", "Math.min(last ?? PAGE_ROWS, PAGE_ROWS)", "last ?? Infinity"],
    ["a page ends with its text", " && characters < PAGE_CHARACTERS", ""],
    [
      "a page ends with what was looked through",
      "if (covered >= PAGE_SPAN) return",
      "if (false as boolean) return",
    ],
  ]),
  ...inFile("src/daemon/operations/backups.ts", ["tests/daemon/operations/import_test.ts"], [
    [
      "giving a kept file back takes the password",
      'need: "password",\n  run({ vault }, { id })',
      'need: "key",\n  run({ vault }, { id })',
    ],
    [
      "forgetting kept files takes the password",
      'need: "password",\n  run({ vault }, { ids })',
      'need: "key",\n  run({ vault }, { ids })',
    ],
    [
      "kept files are bounded",
      "if (vault.documents.list(KIND).length >= MAX_BACKUPS) {",
      "if (false as boolean) {",
    ],
  ]),
  ...inFile("src/daemon/operations/ca.ts", ["tests/daemon/operations/ca_test.ts"], [
    ["another authority takes the password", 'need: "password",', 'need: "key",'],
  ]),
  ...inFile("src/daemon/operations/callers.ts", [
    "tests/attacks/acts_without_password_test.ts",
  ], [
    ["revealing to a program takes the password", 'need: "password",', 'need: "key",'],
  ]),
  ...inFile("src/daemon/guess_budget.ts", ["tests/daemon/guess_budget_test.ts"], [
    ["guesses are limited", "if (count > this.left) return false;", ""],
    [
      "different guesses are limited by the day",
      "if (!this.#fresh.take(fresh.length)) {",
      "if (false as boolean) {",
    ],
  ]),
  ...inFile("src/daemon/environment_matcher.ts", ["tests/daemon/environment_matcher_test.ts"], [
    ["large values count by their size", "  budget.take(Math.ceil(bytes / BYTES_A_WORD));\n", ""],
    ["short values confirm no guess", "LEAST_MATCHED: number = LEAST_GUESS;", "LEAST_MATCHED: number = 1;"],
    ["a changed row matches nothing", "if (!intact) continue;", ""],
  ]),
  ...inFile("src/daemon/caller_keyring.ts", [
    "tests/daemon/caller_keyring_test.ts",
  ], [
    [
      "a caller's body places are its own",
      "return this.#whole.bodyCredentialsOf(this.#scope);",
      "return this.#whole.bodyCredentialsOf({ project: null, credentials: null } as CallerScope);",
    ],
  ]),
  ...inFile("src/proxy/tunnel/route_inside.ts", [
    "tests/proxy/tunnel",
    "tests/attacks/tunnel_host_confusion_test.ts",
  ], [
    [
      "Host inside a tunnel is CONNECT's host",
      'requireSameHost(head.headers.getAll("host")[0], target);',
      "void requireSameHost;",
    ],
    [
      "X-Target-Url inside a tunnel is refused",
      'if (head.headers.getAll("x-target-url").length > 0) {',
      "if (false as boolean) {",
    ],
  ]),
  ...inFile("src/proxy/tunnel/route_tunnel.ts", ["tests/proxy/tunnel"], [
    [
      "CONNECT and its Host name one host",
      "if (said !== undefined && parseHost(",
      "if (false as boolean && parseHost(",
    ],
  ]),
  ...inFile(
    "src/importer/formats/yaml.ts",
    ["tests/importer", "tests/attacks/import_expanding_yaml_test.ts"],
    [
      ["YAML is bounded", 'if (text.length > MAX_YAML) throw unreadable("it is longer than 16 MiB");', ""],
    ],
  ),
  ...inFile("src/sharing/read.ts", ["tests/sharing"], [
    [
      "a bundle's header is authenticated",
      "if (!keys.verifyHeader(concat(prefix, section), mac)) {",
      "if (false as boolean) {",
    ],
    [
      "a name stands once in a bundle",
      'if (names.has(name)) throw bundleError("bundle_invalid", "it has a credential twice");',
      "",
    ],
    [
      "a bundle has as many credentials as it says",
      "if (names.size !== manifest.credentials) {",
      "if (false as boolean) {",
    ],
  ]),
  ...inFile("src/sharing/records.ts", ["tests/sharing"], [
    [
      "lengths in a bundle are bounded",
      "if (json > MAX_RECORD_JSON || value > MAX_VALUE_LENGTH) {",
      "if (false as boolean) {",
    ],
  ]),
  ...inFile("src/sharing/header.ts", ["tests/sharing"], [
    [
      "a bundle's memory for the key is bounded",
      "if (memoryKiB < limits.minMemoryKiB || memoryKiB > limits.maxMemoryKiB) {",
      "if (false as boolean) {",
    ],
  ]),
];
