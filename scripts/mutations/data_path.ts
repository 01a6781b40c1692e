/**
 * Protections of the data path: callers, hosts, places, addresses, framing, fields.
 *
 * @module
 */

import { inFile, type Mutation } from "./mutation.ts";

/** What a request has to pass. */
export const DATA_PATH: readonly Mutation[] = [
  ...inFile("src/proxy/steps/check_caller.ts", ["tests/proxy/steps", "tests/proxy/theft_test.ts"], [
    ["TRACE is refused", "/^(?:TRACE|TRACK)$/i.test(method)", "method === ''"],
    ["web pages are refused by Origin", 'lower === "origin" ||', ""],
    ["web pages are refused by Sec-Fetch-Site", '(lower === "sec-fetch-site" && value !== "none")', "false"],
    ["a tunnel inside a tunnel is refused", 'method === "CONNECT" && context.tunnel !== null', "false", [
      "tests/proxy/tunnel",
      "tests/proxy/steps",
    ]],
    ["whoever shows a wrong secret is refused", "if (caller !== null) return caller;", "return caller!;", [
      "tests/proxy/steps",
      "tests/proxy/asking_test.ts",
    ]],
    ["callers named twice are refused", "others.length > 0 ||", ""],
  ]),
  ...inFile("src/proxy/steps/check_hosts.ts", ["tests/proxy/steps", "tests/proxy/proxy_test.ts"], [
    ["a token goes only to its hosts", "if (matching.length === 0) {", "if (false as boolean) {"],
    ["a wildcard opens no private address", 'matching.some((pattern) => pattern.kind === "exact")', "true"],
  ]),
  ...inFile("src/core/host_pattern.ts", ["tests/core/host_pattern_test.ts"], [
    [
      "the scheme is part of a pattern",
      'if (pattern.scheme !== "either" && pattern.scheme !== target.scheme) return false;',
      "",
    ],
    ["the port is part of a pattern", 'if (port !== "any" && port !== target.port) return false;', ""],
    [
      "the path is part of a pattern",
      "return path !== null && matchesPath(pattern.path, path);",
      "return true;",
    ],
    [
      "wildcards over public suffixes are said aloud",
      "if (options.allowPublicSuffix !== true && isPublicSuffix(host)) {",
      "if (false as boolean) {",
    ],
    [
      "a loopback pattern is one port",
      'if (port === "any" && loopback) refuse(',
      'if (port === "any" && loopback) void (0 as unknown as typeof refuse)?.(',
    ],
    [
      "subdomains are not look-alikes",
      "host.charCodeAt(host.length - wide.host.length - 1) === 0x2e) ||",
      "true) ||",
    ],
  ]),
  ...inFile("src/proxy/steps/check_places.ts", [
    "tests/proxy/placement_test.ts",
    "tests/attacks/token_in_prompt_test.ts",
  ], [
    [
      "a token in a wrong place is refused",
      "if (use.usage === null) {",
      "use.usage ??= 'value'; if (false as boolean) {",
    ],
    ["a repeated header is refused", "isRepeated(context, spot.index)", "false", [
      "tests/proxy/pipeline_test.ts",
      "tests/proxy/theft_test.ts",
    ]],
  ]),
  ...inFile("src/core/placement.ts", ["tests/core/placement_test.ts", "tests/proxy/placement_test.ts"], [
    [
      "a declared place replaces what the type implies",
      'if (credential.place !== null && credential.type !== "basic_auth") return null;',
      "",
    ],
    [
      "a bearer token goes into Authorization only",
      'if (spot.in === "header" && spot.name === "authorization" && spot.whole) {',
      'if (spot.in === "header") {',
    ],
    [
      "a key stands as a whole",
      'if (spot.in !== "header" || !spot.whole) return false;',
      'if (spot.in !== "header") return false;',
    ],
    [
      "query parameters are named like a key",
      "return spot.whole && CREDENTIAL_PARAMETERS.has(spot.name.toLowerCase());",
      "return spot.whole;",
    ],
    [
      "headers are named like a key",
      "return spot.scheme === null && CREDENTIAL_HEADERS.has(spot.name);",
      "return true;",
    ],
  ]),
  ...inFile("src/core/hidden_tokens.ts", ["tests/core/hidden_tokens_test.ts"], [
    ["tokens in Base64 are seen", "if (encoded !== null) return encoded;", ""],
    ["tokens in percent-encoding are seen", 'return "percent-encoding";', "return null;"],
    ["tokens in JSON escapes are seen", 'return "JSON escapes";', "return null;"],
  ]),
  ...inFile(
    "src/proxy/address_guard.ts",
    ["tests/proxy/address_guard_test.ts", "tests/proxy/proxy_test.ts"],
    [
      [
        "what resolves to ourselves is refused",
        "if (isOwnPort(port, listener) && isThisMachine(address)) throw loop();\n  if (reach",
        "if (reach",
      ],
      ["private addresses are refused", 'if (kind === "public") return;', "return;"],
      [
        "metadata addresses are refused without a token, too",
        'if (reach === "plain" && !hidden) return;',
        'if (reach === "plain") return;',
      ],
    ],
  ),
  ...inFile("src/core/target.ts", ["tests/core/target_test.ts"], [
    [
      "backslashes are refused",
      'if (c === 0x5c && i < path.length) throw badTarget("its path holds a backslash");',
      "",
    ],
    [
      "our own listener is refused in every spelling",
      "return isAddressLiteral(host) && isThisMachine(host);",
      "return false;",
    ],
  ]),
  ...inFile("src/proxy/steps/route.ts", ["tests/proxy/steps/route_test.ts"], [
    [
      "X-Target-Url is given once",
      'if (xTargets > 1) throw badTarget("X-Target-Url is given more than once");',
      "",
    ],
  ]),
  ...inFile("src/proxy/passed_fields.ts", ["tests/proxy/passed_fields_test.ts"], [
    [
      "Proxy- fields stay here",
      'return HOP_BY_HOP.has(lower) || lower.startsWith("proxy-");',
      "return HOP_BY_HOP.has(lower);",
    ],
    ["re-routing fields are dropped beside a token", "if (carriesToken && reroutes(lower)) continue;", ""],
    [
      "fields that Connection names stay here",
      'if (lower === "host" || isHopByHop(lower) || named?.has(lower)) continue;',
      'if (lower === "host" || isHopByHop(lower)) continue;',
    ],
    ["only we may set X-WispKey-Error", "OWN_FIELDS.has(lower) ||", ""],
  ]),
  ...inFile("src/proxy/http/framing.ts", [
    "tests/proxy/http/framing_test.ts",
    "tests/proxy/http/smuggling_test.ts",
  ], [
    [
      "two Content-Lengths are refused",
      'if (length !== undefined) throw badFraming("there is more than one Content-Length");',
      "",
    ],
    [
      "Content-Length beside Transfer-Encoding is refused",
      'if (length !== undefined) throw badFraming("it has both Content-Length and Transfer-Encoding");',
      "",
    ],
    [
      "other transfer codings are refused",
      'if (coding.toLowerCase() !== "chunked") {',
      "if (false as boolean) {",
    ],
    [
      "HTTP/1.0 has no transfer coding",
      'if (version === "1.0") throw badFraming("HTTP/1.0 has no Transfer-Encoding");',
      "",
    ],
  ]),
  ...inFile("src/proxy/http/parse_head.ts", [
    "tests/proxy/http/parse_head_test.ts",
    "tests/proxy/http/smuggling_test.ts",
  ], [
    [
      "two Hosts are refused",
      'if (hosts.length > 1) throw malformed("there is more than one Host field");',
      "",
    ],
    [
      "a missing Host is refused",
      'if (hosts.length === 0 && version === "1.1") throw malformed("the Host field is missing");',
      "",
    ],
    [
      "a tab after the value that frames a message is refused",
      'throw malformed("a tab follows the value that says where the message ends");',
      "",
    ],
    ["the number of fields is bounded", "if (headers.size === maxFields) {", "if (false as boolean) {"],
  ]),
  ...inFile("src/proxy/http/chunked.ts", [
    "tests/proxy/http/chunked_test.ts",
    "tests/proxy/http/body_test.ts",
  ], [
    [
      "a chunk ends where its size says",
      'if (byte !== wanted) throw malformed("a chunk does not end where its size says");',
      "",
    ],
    [
      "chunk extensions are bounded",
      'if (++this.#extensionBytes > MAX_EXTENSION_BYTES) throw malformed("a chunk extension is too long");',
      "",
    ],
    ["trailers do not re-frame", "return FORBIDDEN_TRAILERS.has(lower) || reroutes", "return reroutes"],
  ]),
  ...inFile("src/proxy/steps/inject.ts", [
    "tests/proxy/steps",
    "tests/proxy/pipeline_test.ts",
    "tests/proxy/theft_test.ts",
  ], [
    [
      "a row that changed while the request was held is not used",
      'if (match.kind === "live" && match.credential === credential) return;',
      "return;",
    ],
    [
      "opened secrets are wiped",
      "  } finally {\n    wipe(...opened);\n  }",
      "  } finally {\n    void opened;\n  }",
    ],
  ]),
  ...inFile("src/core/substitution.ts", [
    "tests/core/substitution_test.ts",
    "tests/core/body_sightings_test.ts",
  ], [
    ["no line break gets into a header", 'refuseControls(secret, "a header");', ""],
    ["JSON is escaped", 'if (escape === "json") at = writeJsonEscaped(secret, out, at);\n    else ', ""],
    ["forms are escaped", 'else if (escape === "percent") at = writePercentEncoded(secret, out, at);', ""],
    [
      "no boundary gets into multipart",
      'throw notAllowed("a multipart body", "it holds the boundary between parts");',
      "",
    ],
  ]),
  ...inFile(
    "src/proxy/steps/record_intent.ts",
    ["tests/proxy/pipeline_test.ts", "tests/proxy/proxy_test.ts"],
    [
      [
        "no row, no use",
        '    throw new Refusal(503, {\n      code: "audit_unavailable",',
        '    if (false as boolean) throw new Refusal(503, {\n      code: "audit_unavailable",',
      ],
    ],
  ),
  ...inFile("src/proxy/tunnel/route_inside.ts", ["tests/proxy/tunnel"], [
    [
      "SNI is CONNECT's host",
      "if (serverName !== null && normalizeHost(serverName) !== host) throw",
      "if (false as boolean) throw",
    ],
    [
      "an inner request line is CONNECT's host",
      "if (target.scheme !== scheme || target.host !== host || target.port !== port) {",
      "if (false as boolean) {",
    ],
  ]),
  ...inFile("src/proxy/websocket/message_rules.ts", ["tests/proxy/websocket"], [
    ["a token in a message is refused", "        checkPlaces(message);\n        checkHosts(message);\n", ""],
    ["a locked vault puts nothing into messages", "      requireUnchanged(credential, keyring);\n", "", [
      "tests/proxy/websocket",
    ]],
  ]),
  ...inFile("src/proxy/websocket/handshake.ts", ["tests/proxy/websocket"], [
    ["the answer fits the key", 'headers.getAll("sec-websocket-accept").join() !== acceptOf(key)', "false"],
    ["searched messages are not compressed", "if (!inspected) return fields;", "return fields;"],
  ]),
];
