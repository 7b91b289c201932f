import * as oauth from "oauth4webapi";
import { serve } from "./lines.mjs";

const { KEYCLOAK, CLIENT_ID, CLIENT_SECRET } = process.env;
const insecure = { [oauth.allowInsecureRequests]: true }; // The test has no https.
const issuer = new URL(KEYCLOAK);
const server = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, insecure));
const client = { client_id: CLIENT_ID };
const authentication = oauth.ClientSecretBasic(CLIENT_SECRET);

// What docs/applications.md shows.
async function calendarToken(userToken, besides = {}, options = {}) {
  const response = await oauth.genericTokenEndpointRequest(
    server, client, authentication, "urn:ietf:params:oauth:grant-type:token-exchange",
    {
      requested_issuer: "enterprise-connect",
      subject_token: userToken,
      subject_token_type: "urn:ietf:params:oauth:token-type:access_token",
      ...besides,
    },
    options,
  );
  return await oauth.processGenericTokenEndpointResponse(server, client, response);
}

await serve(async ({ userToken, besides }) => {
  try {
    return { members: await calendarToken(userToken, besides, insecure), retryAfter: "" };
  } catch (refused) {
    if (refused instanceof oauth.ResponseBodyError) {
      const { error, error_description } = refused;
      return { members: { error, error_description }, retryAfter: refused.response.headers.get("Retry-After") ?? "" };
    }
    return { members: { error: refused.code, error_description: refused.message }, retryAfter: "" };
  }
});
