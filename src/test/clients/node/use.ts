// A client whose types openapi-typescript has made from docs/openapi.yaml: every member that is named here has a type there.
import createClient from "openapi-fetch";
import type { components, paths } from "./generated/api.js";

type Settings = components["schemas"]["NewSettings"];
type Code = components["schemas"]["ExchangeRefused"]["error"];

function variable(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set`);
  return value;
}

const realm = variable("REALM");
const link = variable("LINK");
const api = createClient<paths>({ baseUrl: variable("KEYCLOAK_URL") });
const administrator = { Authorization: `Bearer ${variable("ADMIN_TOKEN")}` };
const application = {
  Authorization: "Basic " + Buffer.from(`${variable("CLIENT_ID")}:${variable("CLIENT_SECRET")}`).toString("base64"),
  "Content-Type": "application/x-www-form-urlencoded",
};

/** The document speaks of a form's fields as of an object's members. */
function form(body: object): URLSearchParams {
  return new URLSearchParams(Object.entries(body) as [string, string][]);
}

async function exchange(subjectToken: string) {
  const { data, error, response } = await api.POST("/realms/{realm}/protocol/openid-connect/token", {
    params: { path: { realm } },
    headers: application,
    body: {
      grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
      requested_issuer: "enterprise-connect",
      subject_token: subjectToken,
      subject_token_type: "urn:ietf:params:oauth:token-type:access_token",
    },
    bodySerializer: form,
  });
  if (data !== undefined) {
    const token: { mailbox: string; api_url: string; issued_token_type: string; expires_in: number } = data;
    return { mailbox: token.mailbox, issued: token.issued_token_type };
  }
  const code: Code | string = error.error;
  return { error: code, status: response.status };
}

async function absent(user: string) {
  const { data, error } = await api.POST("/realms/{realm}/enterprise-connect/token", {
    params: { path: { realm } },
    headers: application,
    body: { user },
    bodySerializer: form,
  });
  return data === undefined ? { error: error.error } : { mailbox: data.mailbox };
}

async function settings() {
  const path = { realm };
  const read = await api.GET("/admin/realms/{realm}/enterprise-connect/settings", {
    params: { path },
    headers: administrator,
  });
  if (read.data?.clientId === undefined) throw new Error(JSON.stringify(read.error));
  const changed: Settings = { ...read.data, clientId: read.data.clientId, signatureRequired: true };
  const written = await api.PUT("/admin/realms/{realm}/enterprise-connect/settings", {
    params: { path, header: { "If-Match": read.response.headers.get("ETag") ?? "" } },
    headers: administrator,
    body: changed,
  });
  const stale = await api.PUT("/admin/realms/{realm}/enterprise-connect/settings", {
    params: { path, header: { "If-Match": read.response.headers.get("ETag") ?? "" } },
    headers: administrator,
    body: changed,
  });
  const late = stale.error !== undefined && "errorMessage" in stale.error ? stale.error.errorMessage : "";
  const consumers: string[] = (read.data.consumers ?? []).map(consumer => consumer.clientId);
  return { consumers, written: written.response.status, stale: late };
}

async function links() {
  const { data } = await api.GET("/admin/realms/{realm}/enterprise-connect/links", {
    params: { path: { realm }, query: { max: 10 } },
    headers: administrator,
  });
  return (data ?? []).map(one => ({ id: one.id, state: one.state, domains: one.domains.map(domain => domain.name) }));
}

async function member(user: string) {
  const { data } = await api.GET("/admin/realms/{realm}/enterprise-connect/users/{user}", {
    params: { path: { realm, user } },
    headers: administrator,
  });
  return { state: data?.state, mailbox: data?.mailbox };
}

async function invite() {
  const { data } = await api.POST("/admin/realms/{realm}/enterprise-connect/links/{id}/invitations", {
    params: { path: { realm, id: link } },
    headers: administrator,
    body: { expiresIn: 600 },
  });
  return { url: data?.url };
}

console.log(
  JSON.stringify({
    exchanged: await exchange(variable("USER_TOKEN")),
    refused: await exchange("garbage"),
    absent: await absent(variable("USER")),
    settings: await settings(),
    links: await links(),
    member: await member(variable("USER")),
    invited: await invite(),
  }),
);
