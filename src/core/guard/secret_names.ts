/**
 * Which variables and files hold secrets, by their names.
 *
 * @module
 */

import { PROVIDERS } from "../provider_catalogue.ts";

const WORDS =
  /(?:^|_)(?:API_?KEY|APIKEY|ACCESS_?KEY|SECRET_?KEY|PRIVATE_?KEY|SIGNING_?KEY|ENCRYPTION_?KEY|MASTER_?KEY|SERVICE_?KEY|ROLE_?KEY|SECRET|TOKEN|PASSWORD|PASSWD|PASS|PASSPHRASE|PWD|CREDENTIALS?|AUTH|PAT|JWT|DSN)(?:_(?:\d+|PROD|PRODUCTION|DEV|STAGING|TEST|LIVE|OLD|NEW|BASE64|B64|JSON|VALUE))*$/;
const ANY_KEY = /[A-Z0-9]_KEY$/;
const CONNECTIONS =
  /(?:^|_)(?:DATABASE|DB|POSTGRES|POSTGRESQL|PG|MYSQL|MONGO|MONGODB|REDIS|AMQP|RABBITMQ)_UR[IL]$|CONNECTION_?STRING$|WEBHOOK_URL$/;
const HARMLESS =
  /PUBLIC|PUBLISHABLE|WEBSOCKET_KEY$|^(?:OLD)?PWD$|_KEY_ID$|^(?:SORT|PRIMARY|FOREIGN|CACHE|PARTITION)_KEY$|(?:^|_)(?:FOREIGN|PRIMARY|CACHE|SORT)_KEY$/;

let known: Set<string> | undefined;

/** Whether a variable of that name usually holds a secret. Names in lower case are, but for `api_key` and the like, ordinary. */
export function isSecretVariable(name: string): boolean {
  known ??= new Set(PROVIDERS.flatMap(({ variables }) => variables));
  if (known.has(name)) return !HARMLESS.test(name);
  const upper = name.toUpperCase();
  if (HARMLESS.test(upper)) return false;
  if (name !== upper) {
    return /(?:api|access|secret|private)_?key$|_token$|(?:^|_)password$|^(?:secret|token|passphrase)$/i.test(
      name,
    );
  }
  return WORDS.test(upper) || ANY_KEY.test(upper) || CONNECTIONS.test(upper);
}

/** Whether a word of a search (as of `grep`) finds variables that hold secrets. */
export function findsSecretVariables(pattern: string): boolean {
  const word = pattern.replaceAll(/^[\^"'(]+|[=$"').*]+$/g, "");
  return !/^(?:PATH|HOME|USER|SHELL|LANG|LC_\w*|TERM\w*|PWD|TZ|CI|EDITOR|VISUAL|DISPLAY|HOSTNAME|LOGNAME|NODE_(?:ENV|OPTIONS|PATH|VERSION)|GOPATH|GOROOT|JAVA_HOME|PYTHON\w*|VIRTUAL_ENV|CONDA\w*|XDG\w*|NVM\w*|RUSTUP\w*|CARGO_HOME|DEBUG|(?:HTTPS?_|NO_|ALL_)?PROXY|WISPKEY_(?:PROJECT|VAULT_PATH)|LD_LIBRARY_PATH|DOCKER_HOST|KUBECONFIG|COLOR\w*|LS_COLORS|COLUMNS|LINES|SSH_(?:TTY|CONNECTION|CLIENT|AUTH_SOCK)|TMPDIR|MANPATH)$/i
    .test(word);
}

const SAMPLE =
  /[._-](?:example|sample|template|tpl|dist|defaults?|schema|vault|enc|encrypted|md|txt|ts|js|d\.ts|py|go|rs|test|spec)$/i;
const ENV_FILE = /^(?:\.env(?:rc)?(?:[._-][\w.-]+)?|[\w-][\w.-]*\.env)$/i;
const FILES: readonly RegExp[] = [
  /(?:^|\/)proc\/[^/]+\/(?:task\/[^/]+\/)?environ$/,
  /(?:^|\/)\.aws\/credentials$/,
  /(?:^|\/)\.ssh\/(?:id_[\w-]+|identity)$/,
  /(?:^|\/)id_(?:rsa|dsa|ecdsa|ed25519)(?:_sk)?$/,
  /(?:^|\/)[._]netrc$/,
  /(?:^|\/)\.git-credentials$/,
  /(?:^|\/)\.(?:npmrc|pypirc|pgpass|my\.cnf|boto|s3cfg)$/,
  /(?:^|\/)\.docker\/config\.json$/,
  /(?:^|\/)\.kube\/config$/,
  /(?:^|\/)gh\/hosts\.ya?ml$/,
  /(?:^|\/)gcloud\/(?:application_default_credentials\.json|credentials\.db|access_tokens\.db)$/,
  /(?:^|\/)\.cargo\/credentials(?:\.toml)?$/,
  /(?:^|\/)\.terraform\.d\/credentials\.tfrc\.json$/,
  /(?:^|\/)\.config\/(?:op|doctl|heroku|hub)(?:\/[\w.-]+)?$/,
  /(?:^|\/)(?:credentials|service[_-]?account[\w-]*|client_secrets?[\w-]*)\.json$/,
  /(?:^|\/)secrets?(?:\.(?:local|prod|production|dev|staging))?\.(?:ya?ml|json|toml|env|ini|txt)$/,
  /(?:^|\/)(?:[\w.-]*private[\w.-]*|[\w-]*key)\.pem$/,
  /(?:^|\/)[\w.-]+\.(?:key|p12|pfx|jks|keystore)$/,
  /(?:^|\/)\.vault-token$/,
];

/** Whether a file of that path usually holds secrets. Samples (`.env.example`) and public halves do not. */
export function isSecretFile(path: string): boolean {
  const clean = path.replaceAll("\\", "/").replaceAll(/\/(?:\.?\/)+/g, "/").replace(/^file:(?:\/\/)?/, "");
  const name = clean.slice(clean.lastIndexOf("/") + 1);
  if (ENV_FILE.test(name)) return !SAMPLE.test(name) && !/^\.environment$/i.test(name);
  if (SAMPLE.test(name)) return false;
  return FILES.some((pattern) => pattern.test(clean));
}

/** Names that a pattern of a shell is tried on, to see whether it stands for a file with secrets. */
export const WELL_KNOWN_FILES: readonly string[] = [
  ".env",
  ".envrc",
  ".env.local",
  ".env.production",
  ".env.development",
  ".env.staging",
  ".env.prod",
  ".netrc",
  ".npmrc",
  ".pypirc",
  ".git-credentials",
  "id_rsa",
  "id_ed25519",
  "environ",
];
