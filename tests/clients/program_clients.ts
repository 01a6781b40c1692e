/**
 * Clients that are programs, or standard libraries of languages.
 *
 * @module
 */

import type { Client } from "./client.ts";
import { ofProgram } from "./versions.ts";

const GIT = `set -e
rm -rf clone
git clone --quiet "$(echo "$BASE" | sed "s#://#://x:$KEY@#")/repository.git" clone
cd clone
git -c user.name=n -c user.email=n@example.com commit --quiet --allow-empty -m "one more"
git push --quiet origin HEAD:refs/heads/main
git fetch --quiet
test "$(git rev-parse HEAD)" = "$(git rev-parse origin/main)"
`;

const JAVA = `
import java.net.URI;
import java.net.http.*;
public class Client {
  public static void main(String[] arguments) throws Exception {
    var request = HttpRequest.newBuilder(URI.create(System.getenv("BASE") + "/java"))
      .header("Authorization", "Bearer " + System.getenv("KEY")).build();
    System.out.println(HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString()).body());
  }
}
`;

const GO = `package main

import ("io"; "net/http"; "os")

func main() {
	request, err := http.NewRequest("GET", os.Getenv("BASE")+"/go", nil)
	if err != nil { panic(err) }
	request.Header.Set("Authorization", "Bearer "+os.Getenv("KEY"))
	response, err := http.DefaultClient.Do(request)
	if err != nil { panic(err) }
	io.Copy(os.Stdout, response.Body)
}
`;

const RUBY = `
require "net/http"
uri = URI(ENV["BASE"] + "/ruby")
request = Net::HTTP::Get.new(uri, "Authorization" => "Bearer " + ENV["KEY"])
puts Net::HTTP.start(uri.host, uri.port, use_ssl: uri.scheme == "https") { |http| http.request(request).body }
`;

const DENO = `
const answer = await fetch(Deno.env.get("BASE") + "/deno", { headers: { Authorization: "Bearer " + Deno.env.get("KEY") } });
console.log(await answer.text());
`;

/** Every program of the table. */
export const PROGRAM_CLIENTS: readonly Client[] = [
  {
    name: "curl",
    source: "curl",
    version: ofProgram("curl", "--version"),
    command: () => ["sh", "-c", 'curl -sSf --json "{}" -H "Authorization: Bearer $KEY" "$BASE/curl"'],
    usual: true,
  },
  {
    name: "wget",
    source: "wget",
    version: ofProgram("wget", "--version"),
    command: () => [
      "sh",
      "-c",
      'wget -qO- ${SSL_CERT_FILE:+"--ca-certificate=$SSL_CERT_FILE"} --header "Authorization: Bearer $KEY" "$BASE/wget"',
    ],
    ways: {
      run: {
        note: 'reads no variable for the roots it trusts: `wget --ca-certificate="$SSL_CERT_FILE" …`, or ' +
          "`ca_certificate` in `~/.wgetrc`",
      },
    },
    usual: true,
  },
  {
    name: "git clone, push",
    source: "git",
    version: ofProgram("git", "--version"),
    command: () => ["sh", "git.sh"],
    script: { file: "git.sh", text: GIT },
    header: (key) => ["authorization", `Basic ${btoa(`x:${key}`)}`],
    credential: "password",
    printsAnswer: false,
    usual: true,
  },
  {
    name: "gh",
    source: "gh",
    version: ofProgram("gh", "--version"),
    command: () => ["sh", "-c", 'GH_ENTERPRISE_TOKEN="$KEY" GH_HOST="${BASE#*://}" gh api user'],
    ways: {
      base: { why: "can be given another host, but no base URL" },
      forward: { why: "speaks https only" },
    },
    header: (key) => ["authorization", `token ${key}`],
  },
  {
    name: "Deno fetch",
    source: "deno.com",
    version: ofProgram(Deno.execPath(), "--version"),
    command: () => [Deno.execPath(), "run", "--no-config", "--allow-net", "--allow-env", "client.ts"],
    script: { file: "client.ts", text: DENO },
    usual: true,
  },
  {
    name: "Go net/http",
    source: "golang-go",
    version: ofProgram("go", "version"),
    command: ({ goCache }) => goCache === null ? null : ["go", "run", "client.go"],
    script: { file: "client.go", text: GO },
  },
  {
    name: "Ruby net/http",
    source: "ruby",
    version: ofProgram("ruby", "--version"),
    command: () => ["ruby", "client.rb"],
    script: { file: "client.rb", text: RUBY },
  },
  {
    name: "Java HttpClient",
    source: "default-jdk-headless",
    version: ofProgram("java", "--version"),
    command: (_, way) =>
      way === "forward"
        ? ["sh", "-c", 'java -Dhttp.proxyHost=127.0.0.1 -Dhttp.proxyPort="${http_proxy##*:}" Client.java']
        : ["java", "Client.java"],
    ways: {
      run: {
        why:
          "the JVM reads neither proxy variables nor PEM files, and has no property for a proxy's password: use the base URL",
        evidence: /ConnectException/,
      },
      forward: { note: "`-Dhttp.proxyHost` and `-Dhttp.proxyPort`; the JVM reads no proxy variables" },
    },
    script: { file: "Client.java", text: JAVA },
    usual: true,
  },
];
