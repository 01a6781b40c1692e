/**
 * Packages that are installed to be tried, with the versions that the page speaks of.
 *
 * @module
 */

/** SDKs of providers, small enough to be fetched for a test. */
export const SDK_PACKAGES: readonly string[] = [
  "openai@6.49.0",
  "@anthropic-ai/sdk@1.12.0",
  "octokit@5.0.5",
  "@slack/web-api@8.2.0",
  "stripe@23.1.0",
];

/** HTTP and WebSocket clients, and a Node that knows proxy variables. */
export const NPM_PACKAGES: readonly string[] = [
  ...SDK_PACKAGES,
  "undici@7.30.2",
  "axios@1.21.1",
  "got@14.6.6",
  "ws@8.23.0",
  "https-proxy-agent@9.1.0",
  "node@24.21.0",
];

/** Libraries for Python, as small. */
export const PYTHON_LIBRARIES: readonly string[] = [
  "requests==2.34.2",
  "httpx==0.28.1",
  "aiohttp==3.14.5",
  "websockets==17.4",
];

/** Distributions for Python. */
export const PYTHON_PACKAGES: readonly string[] = [...PYTHON_LIBRARIES, "awscli==1.46.3"];
