import assert from "node:assert/strict";
import { formatPlace } from "../../src/core/place.ts";
import { describePlaces, type Placeable, placeOf, type Usage, usageAt } from "../../src/core/placement.ts";
import type { Spot } from "../../src/core/sightings.ts";

const header = (name: string, scheme: string | null = null, whole = true): Spot => ({
  in: "header",
  index: 0,
  name,
  whole,
  scheme,
});
const auth = (scheme: string | null = null, whole = true): Spot => header("authorization", scheme, whole);
const basic = (part: "user" | "password" | "inside"): Spot => ({ in: "basic", index: 0, part, decoded: "" });
const query = (name: string, whole = true): Spot => ({ in: "query", name, whole });
const elsewhere: Spot = { in: "elsewhere", what: "the path" };

const plain = (type: Placeable["type"]): Placeable => ({ type, place: null });
const inHeader = (name: string): Placeable => ({ type: "custom_header", place: { in: "header", name } });
const inQuery = (name: string): Placeable => ({ type: "query_param", place: { in: "query", name } });

const UNKNOWN_HOST = "api.unknown.test";

Deno.test("each type may stand in its own places and in no others", () => {
  const rows: [credential: Placeable, host: string, spot: Spot, usage: Usage | null][] = [
    // bearer_token
    [plain("bearer_token"), UNKNOWN_HOST, auth("bearer"), "value"],
    [plain("bearer_token"), UNKNOWN_HOST, auth(), "value"],
    [plain("bearer_token"), UNKNOWN_HOST, auth("token"), null],
    [plain("bearer_token"), UNKNOWN_HOST, auth("basic"), null],
    [plain("bearer_token"), UNKNOWN_HOST, auth(null, false), null],
    [plain("bearer_token"), UNKNOWN_HOST, basic("password"), null],
    [plain("bearer_token"), UNKNOWN_HOST, header("x-api-key"), null],
    [plain("bearer_token"), UNKNOWN_HOST, query("access_token"), null],
    [plain("bearer_token"), UNKNOWN_HOST, elsewhere, null],
    // bearer_token where the catalogue says more about Authorization
    [plain("bearer_token"), "api.github.com", auth("token"), "value"],
    [plain("bearer_token"), "github.com", basic("password"), "value"],
    [plain("bearer_token"), "github.com", basic("user"), null],
    [plain("bearer_token"), "api.stripe.com", basic("user"), "value"],
    [plain("bearer_token"), "api.anthropic.com", header("x-api-key"), null],
    // api_key on a host nobody described
    [plain("api_key"), UNKNOWN_HOST, auth("bearer"), "value"],
    [plain("api_key"), UNKNOWN_HOST, auth("token"), "value"],
    [plain("api_key"), UNKNOWN_HOST, auth(), "value"],
    [plain("api_key"), UNKNOWN_HOST, auth("basic"), null],
    [plain("api_key"), UNKNOWN_HOST, auth(null, false), null],
    [plain("api_key"), UNKNOWN_HOST, basic("password"), null],
    [plain("api_key"), UNKNOWN_HOST, header("x-api-key"), "value"],
    [plain("api_key"), UNKNOWN_HOST, header("private-token"), "value"],
    [plain("api_key"), UNKNOWN_HOST, header("x-api-key", "bearer"), null],
    [plain("api_key"), UNKNOWN_HOST, header("x-api-key", null, false), null],
    [plain("api_key"), UNKNOWN_HOST, header("user-agent"), null],
    [plain("api_key"), UNKNOWN_HOST, header("cookie", null, false), null],
    [plain("api_key"), UNKNOWN_HOST, query("api_key"), "value"],
    [plain("api_key"), UNKNOWN_HOST, query("API_KEY"), "value"],
    [plain("api_key"), UNKNOWN_HOST, query("api_key", false), null],
    [plain("api_key"), UNKNOWN_HOST, query("q"), null],
    [plain("api_key"), UNKNOWN_HOST, elsewhere, null],
    // api_key on hosts of the catalogue: exactly their places
    [plain("api_key"), "api.anthropic.com", header("x-api-key"), "value"],
    [plain("api_key"), "api.anthropic.com", header("api-key"), null],
    [plain("api_key"), "api.anthropic.com", query("api_key"), null],
    [plain("api_key"), "generativelanguage.googleapis.com", query("key"), "value"],
    [plain("api_key"), "generativelanguage.googleapis.com", query("api_key"), null],
    [plain("api_key"), "generativelanguage.googleapis.com", header("x-goog-api-key"), "value"],
    [plain("api_key"), "api.linear.app", auth(), "value"],
    [plain("api_key"), "api.mailgun.net", basic("password"), "value"],
    [plain("api_key"), "api.mailgun.net", auth("bearer"), null],
    [plain("api_key"), "gitlab.com", header("private-token"), "value"],
    // basic_auth
    [plain("basic_auth"), UNKNOWN_HOST, auth(), "pair"],
    [plain("basic_auth"), UNKNOWN_HOST, auth("basic"), "pair"],
    [plain("basic_auth"), UNKNOWN_HOST, auth("bearer"), null],
    [plain("basic_auth"), UNKNOWN_HOST, auth(null, false), null],
    [plain("basic_auth"), UNKNOWN_HOST, basic("password"), "pair"],
    [plain("basic_auth"), UNKNOWN_HOST, basic("user"), null],
    [plain("basic_auth"), UNKNOWN_HOST, basic("inside"), null],
    [plain("basic_auth"), UNKNOWN_HOST, header("x-api-key"), null],
    [plain("basic_auth"), UNKNOWN_HOST, query("key"), null],
    // custom_header: only that header, anywhere in it
    [inHeader("X-Custom"), UNKNOWN_HOST, header("x-custom"), "value"],
    [inHeader("X-Custom"), UNKNOWN_HOST, header("x-custom", null, false), "value"],
    [inHeader("Authorization"), UNKNOWN_HOST, auth("apikey"), "value"],
    [inHeader("X-Custom"), UNKNOWN_HOST, auth("bearer"), null],
    [inHeader("X-Custom"), UNKNOWN_HOST, header("x-api-key"), null],
    [inHeader("X-Custom"), UNKNOWN_HOST, query("X-Custom"), null],
    [inHeader("X-Custom"), "api.anthropic.com", header("x-api-key"), null],
    [plain("custom_header"), UNKNOWN_HOST, auth("bearer"), null],
    // query_param: only that parameter, by its exact name
    [inQuery("appKey"), UNKNOWN_HOST, query("appKey"), "value"],
    [inQuery("appKey"), UNKNOWN_HOST, query("appKey", false), "value"],
    [inQuery("appKey"), UNKNOWN_HOST, query("appkey"), null],
    [inQuery("appKey"), UNKNOWN_HOST, query("api_key"), null],
    [inQuery("appKey"), UNKNOWN_HOST, header("appkey"), null],
    [inQuery("appKey"), UNKNOWN_HOST, auth("bearer"), null],
    [plain("query_param"), UNKNOWN_HOST, query("key"), null],
  ];
  for (const [credential, host, spot, usage] of rows) {
    assert.equal(usageAt(credential, host, spot), usage, JSON.stringify([credential, host, spot]));
  }
});

Deno.test("a refusal can say where the token belongs", () => {
  assert.equal(describePlaces(plain("bearer_token"), UNKNOWN_HOST), "Authorization: Bearer <token>");
  assert.equal(
    describePlaces(plain("api_key"), "api.anthropic.com"),
    "the header x-api-key, or Authorization: Bearer <token>",
  );
  assert.equal(describePlaces(plain("api_key"), "api.mailgun.net"), "Authorization: Basic, as the password");
  assert.match(describePlaces(plain("api_key"), UNKNOWN_HOST), /X-Api-Key/);
  assert.match(describePlaces(plain("basic_auth"), UNKNOWN_HOST), /curl -u/);
  assert.equal(describePlaces(inHeader("X-Custom"), UNKNOWN_HOST), "the header X-Custom");
  assert.equal(describePlaces(inQuery("appKey"), UNKNOWN_HOST), "the query parameter appKey");
});

Deno.test("a declared place is the only one, and takes the secret anywhere in it", () => {
  const key = (place: NonNullable<Placeable["place"]>): Placeable => ({ type: "api_key", place });
  const json: Spot = { in: "body_json", pointer: "/a/0", escape: "json" };
  const form: Spot = { in: "form", field: "secret", escape: "percent" };
  const text: Spot = { in: "body", escape: "none" };
  const rows: [credential: Placeable, spot: Spot, usage: Usage | null][] = [
    [key({ in: "body_json", pointer: "/a/0" }), json, "value"],
    [key({ in: "body_json", pointer: "/a" }), json, null],
    [key({ in: "body_json", pointer: "/a/0" }), form, null],
    [key({ in: "body_json", pointer: "/a/0" }), text, null],
    [key({ in: "body_json", pointer: "/a/0" }), auth("bearer"), null],
    [key({ in: "form", field: "secret" }), form, "value"],
    [key({ in: "form", field: "Secret" }), form, null],
    [key({ in: "form", field: "secret" }), query("secret"), null],
    [key({ in: "query", name: "secret" }), form, null],
    [key({ in: "form", field: "secret" }), json, null],
    [key({ in: "body" }), json, "value"],
    [key({ in: "body" }), form, "value"],
    [key({ in: "body" }), text, "value"],
    [key({ in: "body" }), elsewhere, null],
    [key({ in: "body" }), header("x-api-key"), null],
    [key({ in: "basic", part: "user" }), basic("user"), "value"],
    [key({ in: "basic", part: "user" }), basic("password"), null],
    [key({ in: "basic", part: "user" }), basic("inside"), null],
    [key({ in: "basic", part: "password" }), basic("password"), "value"],
    [{ type: "basic_auth", place: { in: "basic", part: "user" } }, basic("user"), "pair"],
    [{ type: "basic_auth", place: { in: "basic", part: "user" } }, basic("password"), "pair"],
    [{ type: "basic_auth", place: { in: "basic", part: "user" } }, basic("inside"), null],
    [{ type: "basic_auth", place: { in: "basic", part: "user" } }, auth("basic"), "pair"],
  ];
  for (const [credential, spot, usage] of rows) {
    assert.equal(usageAt(credential, UNKNOWN_HOST, spot), usage, JSON.stringify([credential, spot]));
  }
});

Deno.test("no type takes a token in a body unless that was declared", () => {
  const spots: Spot[] = [
    { in: "body_json", pointer: "/authorization", escape: "json" },
    { in: "form", field: "api_key", escape: "percent" },
    { in: "body", escape: "none" },
  ];
  for (const type of ["bearer_token", "api_key", "basic_auth", "custom_header", "query_param"] as const) {
    for (const spot of spots) assert.equal(usageAt(plain(type), UNKNOWN_HOST, spot), null);
  }
});

Deno.test("the place that would have to be declared is known for every spot that can be one", () => {
  const rows: [Spot, string | null][] = [
    [header("user-agent"), "header:user-agent"],
    [header("host"), null],
    [query("q"), "query:q"],
    [query("a b"), null],
    [basic("user"), "basic:user"],
    [basic("inside"), null],
    [{ in: "body_json", pointer: "/a", escape: "json" }, "body:/a"],
    [{ in: "form", field: "f", escape: "multipart" }, "form:f"],
    [{ in: "body", escape: "none" }, "body"],
    [elsewhere, null],
  ];
  for (const [spot, written] of rows) {
    const place = placeOf(spot);
    assert.equal(place === null ? null : formatPlace(place), written);
    // What is declared for a spot allows it.
    if (place !== null) assert.notEqual(usageAt({ type: "api_key", place }, UNKNOWN_HOST, spot), null);
  }
});
