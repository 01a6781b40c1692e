import { thwarted } from "./misplaced.ts";

Deno.test("a token in the name of an uploaded file is refused", () =>
  thwarted({
    request: (token) => ({
      fields: ["Content-Type: multipart/form-data; boundary=b"],
      body:
        `--b\r\nContent-Disposition: form-data; name="file"; filename="${token}.txt"\r\n\r\nx\r\n--b--\r\n`,
    }),
    shows: "secret",
    place: /the head of a form's part/,
  }));

Deno.test("a token in an uploaded file is refused", () =>
  thwarted({
    request: (token) => ({
      fields: ["Content-Type: multipart/form-data; boundary=b"],
      body:
        `--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n${token}\r\n--b--\r\n`,
    }),
    shows: "secret",
    place: /in the body:/,
  }));
