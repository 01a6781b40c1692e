import assert from "node:assert/strict";
import fc from "fast-check";
import { encodeCertificate, readPem } from "../../src/core/pem.ts";

function der(length: number): Uint8Array {
  const bytes = new Uint8Array(length).map((_, index) => index);
  bytes[0] = 0x30;
  return bytes;
}

Deno.test("certificates are found between other text, once each, in one spelling", () => {
  const [one, two] = [encodeCertificate(der(200)), encodeCertificate(der(300))];
  const messy = `# roots\r\n${one.replaceAll("\n", "\r\n")}\nsubject=CN\n${two}${one}`;
  assert.deepEqual(readPem(messy), { certificates: [one, two], holdsPrivateKey: false });
  assert.deepEqual(readPem("nothing here"), { certificates: [], holdsPrivateKey: false });
});

Deno.test("a private key beside the certificates is seen", () => {
  for (const label of ["PRIVATE KEY", "EC PRIVATE KEY", "RSA PRIVATE KEY", "ENCRYPTED PRIVATE KEY"]) {
    const key = encodeCertificate(der(200)).replaceAll("CERTIFICATE", label);
    assert.equal(readPem(`${encodeCertificate(der(200))}${key}`)?.holdsPrivateKey, true, label);
  }
});

Deno.test("a broken block is an error, not a certificate less", () => {
  const whole = encodeCertificate(der(200));
  for (
    const broken of [
      whole.replace("-----END CERTIFICATE-----", ""),
      whole.replace("MAEC", "M*EC"),
      encodeCertificate(der(20)),
      whole.replace("END CERTIFICATE", "END X509 CRL"),
    ]
  ) assert.equal(readPem(`${whole}${broken}`), null, broken);
});

Deno.test("what is encoded reads back, and no text makes it throw", () => {
  fc.assert(fc.property(fc.integer({ min: 128, max: 2000 }), (length) => {
    const pem = encodeCertificate(der(length));
    assert.deepEqual(readPem(pem)?.certificates, [pem]);
    assert.ok(pem.split("\n").every((line) => line.length <= 64));
  }));
  fc.assert(fc.property(fc.string(), (text) => {
    readPem(`-----BEGIN CERTIFICATE-----${text}-----END CERTIFICATE-----`);
  }));
});
