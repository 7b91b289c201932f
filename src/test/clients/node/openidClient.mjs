import * as client from "openid-client";
import { serve } from "./lines.mjs";

const { KEYCLOAK, CLIENT_ID, CLIENT_SECRET } = process.env;
const config = await client.discovery(new URL(KEYCLOAK), CLIENT_ID, CLIENT_SECRET, undefined, {
  execute: [client.allowInsecureRequests], // The test has no https.
});

// What docs/applications.md shows.
async function calendarToken(userToken, besides = {}) {
  return await client.genericGrantRequest(config, "urn:ietf:params:oauth:grant-type:token-exchange", {
    requested_issuer: "enterprise-connect",
    subject_token: userToken,
    subject_token_type: "urn:ietf:params:oauth:token-type:access_token",
    ...besides,
  });
}

await serve(async ({ userToken, besides }) => {
  try {
    return { members: await calendarToken(userToken, besides), retryAfter: "" };
  } catch (refused) {
    if (refused instanceof client.ResponseBodyError) {
      const { error, error_description } = refused;
      return { members: { error, error_description }, retryAfter: refused.response.headers.get("Retry-After") ?? "" };
    }
    return { members: { error: refused.code, error_description: refused.message }, retryAfter: "" };
  }
});
