import assert from "node:assert/strict";
import { isPublicSuffix } from "../../src/core/public_suffix.ts";

Deno.test("names under which strangers register are shared, at the depth where they are", () => {
  const shared = [
    "com",
    "test",
    "localhost",
    "co.uk",
    "workers.dev",
    "github.io",
    "vercel.app",
    "supabase.co",
    "hf.space",
    "nip.io",
    "amazonaws.com",
    "s3.amazonaws.com",
    "execute-api.eu-west-1.amazonaws.com",
    "lambda-url.eu-west-1.on.aws",
    "blob.core.windows.net",
    "eastus.cloudapp.azure.com",
    "storage.googleapis.com",
  ];
  for (const host of shared) assert.ok(isPublicSuffix(host), host);
});

Deno.test("names of one owner are not, though they look alike", () => {
  const owned = [
    "example.com",
    "mine.workers.dev",
    "me.github.io",
    "openai.com",
    "notamazonaws.com",
    "a.co.uk",
    "xgithub.io",
  ];
  for (const host of owned) assert.ok(!isPublicSuffix(host), host);
});
