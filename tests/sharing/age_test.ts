import assert from "node:assert/strict";
import { Decrypter, generateIdentity, identityToRecipient } from "age-encryption";
import { parseIdentities } from "../../src/sharing/age.ts";
import { credential, faultOf, opener, PASSPHRASE, read, write } from "./support.ts";

async function pair(): Promise<{ identity: string; recipient: string }> {
  const identity = await generateIdentity();
  return { identity, recipient: await identityToRecipient(identity) };
}

Deno.test("a bundle for keys opens for each of their holders and nobody else, and asks for no passphrase", async () => {
  const [a, b, c] = [await pair(), await pair(), await pair()];
  const bytes = await write([credential("k")], { lock: { recipients: [a.recipient, b.recipient] } });
  const never = () => assert.fail("a passphrase was asked for");
  for (const { identity } of [a, b]) {
    const back = await read(bytes, {
      passphrase: never,
      identities: () => Promise.resolve([c.identity, identity]),
    });
    assert.deepEqual(back.credentials, [credential("k")]);
  }
  assert.equal(await faultOf(bytes, opener(PASSPHRASE, [c.identity])), "bundle_wrong_key");
  assert.equal(await faultOf(bytes, opener(PASSPHRASE, [])), "bundle_wrong_key");
});

Deno.test("the key section is an age file like any other", async () => {
  const { identity, recipient } = await pair();
  const bytes = await write([], { lock: { recipients: [recipient] } });
  const length = new DataView(bytes.buffer).getUint16(6);
  const section = bytes.subarray(8, 8 + length);
  assert.match(new TextDecoder().decode(section), /^age-encryption\.org\/v1\n-> X25519 /);
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity);
  assert.equal((await decrypter.decrypt(section)).length, 32);
});

Deno.test("what is no public key is refused, and so are none and too many", async () => {
  const { recipient, identity } = await pair();
  for (
    const recipients of [
      ["age1qqq"],
      [recipient, "me@example.com"],
      [identity],
      [],
      Array(101).fill(recipient),
    ]
  ) {
    const error = await write([], { lock: { recipients } }).then(
      () => assert.fail("it was written"),
      (e) => e,
    );
    assert.equal(error.code, "invalid_recipient");
    assert.ok(!`${error.message}${error.cause ?? ""}`.includes(identity), "a private key is not repeated");
  }
});

Deno.test("a line that is no private key is refused without being repeated", async () => {
  const { recipient } = await pair();
  const bytes = await write([], { lock: { recipients: [recipient] } });
  const secret = "AGE-SECRET-KEY-1NOTAKEY";
  const error = await read(bytes, opener(PASSPHRASE, [secret])).then(
    () => assert.fail("it opened"),
    (e) => e,
  );
  assert.equal(error.code, "invalid_identity");
  assert.ok(!`${error.message}${error.cause ?? ""}`.includes(secret));
});

Deno.test("an identity file has a key a line, with comments", async () => {
  const { identity } = await pair();
  const text = `# created: 2026-01-31T12:34:56Z\r\n# public key: age1x\r\n${identity}\r\n\n  ${identity}`;
  assert.deepEqual(parseIdentities(text), [identity, identity]);
});
