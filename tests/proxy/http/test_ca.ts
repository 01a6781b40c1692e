/** Certificates of a test authority; null, with a printed reason, where there is no openssl to make them. */
export interface TestCertificates {
  /** PEM of the authority. */
  ca: string;
  /** PEM of a certificate for `localhost` and `127.0.0.1`. */
  cert: string;
  /** Its key. */
  key: string;
}

async function openssl(...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command("openssl", { args, stdout: "null", stderr: "piped" })
    .output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}

/** Makes an authority and a certificate in a temporary directory that is removed again. */
export async function makeCertificates(): Promise<TestCertificates | null> {
  const directory = await Deno.makeTempDir();
  const file = (name: string) => `${directory}/${name}`;
  const key = (
    name: string,
  ) => ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", file(name)];
  try {
    await openssl(
      ...[
        "req",
        "-x509",
        ...key("ca.key"),
        "-out",
        file("ca.pem"),
        "-days",
        "2",
        "-subj",
        "/CN=Test Authority",
      ],
      ...["-addext", "basicConstraints=critical,CA:TRUE"],
    );
    await openssl("req", ...key("leaf.key"), "-out", file("leaf.csr"), "-subj", "/CN=localhost");
    await Deno.writeTextFile(
      file("ext"),
      "subjectAltName=DNS:localhost,IP:127.0.0.1\nbasicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\n",
    );
    await openssl(
      ...[
        "x509",
        "-req",
        "-in",
        file("leaf.csr"),
        "-CA",
        file("ca.pem"),
        "-CAkey",
        file("ca.key"),
        "-CAcreateserial",
      ],
      ...["-out", file("leaf.pem"), "-days", "2", "-extfile", file("ext")],
    );
    const read = (name: string) => Deno.readTextFile(file(name));
    return { ca: await read("ca.pem"), cert: await read("leaf.pem"), key: await read("leaf.key") };
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    console.log("skipped: there is no openssl to make test certificates with");
    return null;
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}
