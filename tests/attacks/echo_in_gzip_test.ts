import { Buffer } from "node:buffer";
import { gunzipSync, gzipSync } from "node:zlib";
import { type Answered, plain, sentSecret, thwarted } from "./echoed.ts";

const unpacked = ({ body, field }: Answered) =>
  field("content-encoding") === "gzip" ? gunzipSync(Buffer.from(body, "latin1")).toString() : body;

Deno.test("compression with gzip does not hide the secret", () =>
  thwarted({
    respond: (request) => plain(gzipSync(`you are ${sentSecret(request)}`), "Content-Encoding: gzip"),
    act: ({ ask }) => ask({ fields: ["Accept-Encoding: gzip"] }),
    read: unpacked,
  }));
