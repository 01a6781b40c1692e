/**
 * Names under which credentials commonly stand in requests, all in lower case: where a generic API key may stand on a
 * host nobody described, and where something that looks like a token is taken to be meant as one.
 *
 * @module
 */

/** Header names, besides `authorization`. */
export const CREDENTIAL_HEADERS: ReadonlySet<string> = new Set([
  "api-key",
  "api-token",
  "apikey",
  "circle-token",
  "dd-api-key",
  "dd-application-key",
  "deploy-token",
  "job-token",
  "ocp-apim-subscription-key",
  "private-token",
  "x-access-token",
  "x-api-key",
  "x-api-token",
  "x-apikey",
  "x-app-token",
  "x-auth-key",
  "x-auth-token",
  "x-authorization",
  "x-cg-pro-api-key",
  "x-functions-key",
  "x-goog-api-key",
  "x-honeycomb-team",
  "x-n8n-api-key",
  "x-postmark-account-token",
  "x-postmark-server-token",
  "x-rapidapi-key",
  "x-redmine-api-key",
  "x-shopify-access-token",
  "x-subscription-token",
  "x-tavily-api-key",
  "x-token",
  "x-vault-token",
  "x-figma-token",
  "xi-api-key",
]);

/** Query parameter names. */
export const CREDENTIAL_PARAMETERS: ReadonlySet<string> = new Set([
  "access_key",
  "access_token",
  "api-key",
  "api_key",
  "api_token",
  "apikey",
  "apitoken",
  "appid",
  "auth_token",
  "key",
  "private_token",
  "subscription-key",
  "token",
]);
