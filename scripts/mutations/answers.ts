/**
 * Protections of what comes back: searching, decoding, holding back.
 *
 * @module
 */

import { inFile, type Mutation } from "./mutation.ts";

/** What a response has to pass. */
export const ANSWERS: readonly Mutation[] = [
  ...inFile("src/core/scrub/stream_scrubber.ts", ["tests/core/scrub", "tests/proxy/scrub"], [
    [
      "what may begin a secret waits",
      "const constant = Math.max(0, end - HOLD_BACK);",
      "const constant = end;",
    ],
    [
      "found secrets are replaced",
      "written = this.#write(written, set.replacementOf(pattern));",
      "written = this.#write(written, this.#work.subarray(start, end));",
    ],
    [
      "what waits is searched with the piece that is searched where it lies",
      "waiting.set(this.#work.subarray(this.#start, this.#end));",
      "",
    ],
    ["overlapping matches leave no rest", "if (!continues || end > cursor) {", "if (!continues) {"],
  ]),
  ...inFile("src/core/scrub/patterns.ts", [
    "tests/core/scrub",
    "tests/attacks/echo_in_base64_json_test.ts",
    "tests/attacks/echo_of_basic_password_test.ts",
  ], [
    ["Base64 spellings are looked for", "    patterns.add(standard, spelled);\n", ""],
    [
      "the password of a pair is looked for by itself",
      "if (password.length < secret.length && password.length >= WORD_LENGTH) parts.push(password);",
      "",
    ],
    [
      "lines of a key in PEM are looked for",
      "if (whole.includes(0x0a)) parts.push(...encodedLines(whole));",
      "",
    ],
  ]),
  ...inFile("src/proxy/scrub/response_scrub.ts", [
    "tests/proxy/scrub",
    "tests/attacks/echo_in_header_test.ts",
  ], [
    ["fields are searched", "return scrubFields(this.#set, fields, this.#onFound);", "return [...fields];"],
    ["guessing by scrubbing is limited", "scrub.#requireUnguessed();", "", [
      "tests/proxy/scrub",
      "tests/attacks/guess_confirmed_by_scrubbing_test.ts",
    ]],
    [
      "a locked vault lets no unsearched answer back",
      "if (context.uses.length > 0 && services.keyring.locked) {",
      "if (false as boolean) {",
      ["tests/proxy/scrub", "tests/proxy/proxy_test.ts", "tests/e2e/held_request_test.ts"],
    ],
  ]),
  ...inFile("src/proxy/scrub/request_fields.ts", ["tests/proxy/scrub"], [
    [
      "ranges are not asked for where a secret can be read back",
      '} else if (!(hasRange && wholeOnly && (RANGE_FIELDS.has(lower) || lower === "if-range"))) {',
      "} else {",
    ],
  ]),
  ...inFile("src/proxy/scrub/codings.ts", ["tests/proxy/scrub"], [
    [
      "what cannot be decoded is not passed on",
      'if (coding === undefined) throw undecodable("its content coding is not one of gzip, deflate, br, zstd");',
      "if (coding === undefined) continue;",
    ],
    ["stacked codings are bounded", "if (codings.length > MAX_STACKED) throw", "if (false as boolean) throw"],
  ]),
  ...inFile("src/proxy/scrub/decoded_body.ts", ["tests/proxy/scrub"], [
    [
      "bombs are ended",
      "if (this.#decoded > BOMB_FLOOR && this.#decoded > BOMB_RATIO * this.#encoded) {",
      "if (false as boolean) {",
    ],
    [
      "cut-off br is no whole body",
      'if (surplus !== null || !this.#ended) this.#failure ??= undecodable("its br is cut off");',
      "",
    ],
  ]),
  ...inFile("src/daemon/scrub_sets.ts", [
    "tests/daemon/scrub_sets_test.ts",
    "tests/attacks/guess_confirmed_by_scrubbing_test.ts",
  ], [
    [
      "short secrets are not confirmed to those who did not send them",
      "const minimum = asked.has(credential) ? 0 : UNASKED_MINIMUM;",
      "const minimum = 0;",
    ],
  ]),
  ...inFile("src/proxy/websocket/from_server.ts", [
    "tests/proxy/websocket",
    "tests/attacks/echo_over_a_websocket_test.ts",
  ], [
    [
      "control frames are searched",
      "const scrubbed = set === null ? payload : scrubBytes(set, payload, onFound);",
      "const scrubbed = payload;",
    ],
    [
      "messages are searched as one text",
      "if (set !== null) scrubber ??= new StreamScrubber(set);",
      "if (set !== null) scrubber = new StreamScrubber(set);",
    ],
  ]),
];
