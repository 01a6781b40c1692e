import assert from "node:assert/strict";
import { describeCertificates } from "../../src/platform/certificates.ts";

Deno.test("what is no certificate is refused by its number", () => {
  const none = `-----BEGIN CERTIFICATE-----\n${new Uint8Array(200).toBase64()}\n-----END CERTIFICATE-----\n`;
  assert.throws(() => describeCertificates([none]), { code: "invalid_certificate", message: /1 of 1/ });
  assert.deepEqual(describeCertificates([]), []);
});
