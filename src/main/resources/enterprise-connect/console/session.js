/**
 * Signing in, in the realm that the page is served from: authorization code with PKCE. Tokens live in this module alone, and
 * end with the page; what is kept over the round trip is no secret after it.
 */

import { Failure, request } from "./api.js";

const page = document.documentElement.dataset;
const REFUSED_SILENTLY = ["login_required", "interaction_required", "consent_required", "account_selection_required"];
const MARGIN = 10000;

let tokens = null;
let refreshing = null;
let signedInAt = 0;

/** Where the console page of a realm is. */
export function consoleOf(realm) {
  if (realm === page.realm) {
    return page.address;
  }
  return `${page.server}/realms/${encodeURIComponent(realm)}/enterprise-connect/console/`;
}

function endpoint(name) {
  return `${page.server}/realms/${encodeURIComponent(page.realm)}/protocol/openid-connect/${name}`;
}

/** What to do first when the console page of a realm opens in this tab: `silent`, `interactive` or `choose`. */
export function intend(realm, intent) {
  sessionStorage.setItem(`enterprise-connect.intent.${realm}`, intent);
}

/** The intent that was left for this page, once. */
export function intent() {
  return take(`enterprise-connect.intent.${page.realm}`);
}

function take(key) {
  const value = sessionStorage.getItem(key);
  sessionStorage.removeItem(key);
  return value;
}

/**
 * Whether the page has come back from signing in, and how that ended: `new` (it has not), `signed-in`, `refused` (nobody is
 * signed in, and none was asked to) or `failed`.
 */
export async function arrive() {
  // The page's own places begin with a slash, and may have a state of their own.
  const answer = new URLSearchParams(location.hash.startsWith("#/") ? "" : location.hash.slice(1));
  const pending = JSON.parse(take(`enterprise-connect.sign-in.${page.realm}`));
  if (!answer.has("state")) {
    return { outcome: "new" };
  }
  history.replaceState(null, "", pending ? pending.from : location.pathname + location.search);
  if (!pending || answer.get("state") !== pending.state) {
    return { outcome: "failed", detail: "" };
  }
  if (answer.has("error")) {
    const refused = pending.silent && REFUSED_SILENTLY.includes(answer.get("error"));
    return refused
      ? { outcome: "refused" }
      : { outcome: "failed", detail: answer.get("error_description") ?? answer.get("error") };
  }
  try {
    keep(
      await ask({
        grant_type: "authorization_code",
        code: answer.get("code") ?? "",
        redirect_uri: consoleOf(page.realm),
        code_verifier: pending.verifier,
      }),
    );
  } catch (error) {
    return { outcome: "failed", detail: error.detail ?? "" };
  }
  if (claims().nonce !== pending.nonce) {
    tokens = null;
    return { outcome: "failed", detail: "" };
  }
  signedInAt = Date.now();
  return { outcome: "signed-in" };
}

/** Leaves for Keycloak's sign-in, and comes back to the same place. With `silent`, only if somebody is signed in already. */
export async function signIn({ silent = false } = {}) {
  const pending = {
    state: random(),
    nonce: random(),
    verifier: random(),
    silent,
    from: location.pathname + location.search + location.hash,
  };
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(pending.verifier));
  sessionStorage.setItem(`enterprise-connect.sign-in.${page.realm}`, JSON.stringify(pending));
  const query = new URLSearchParams({
    client_id: page.client,
    redirect_uri: consoleOf(page.realm),
    response_type: "code",
    response_mode: "fragment",
    scope: "openid",
    state: pending.state,
    nonce: pending.nonce,
    code_challenge: base64url(new Uint8Array(digest)),
    code_challenge_method: "S256",
  });
  if (silent) {
    query.set("prompt", "none");
  } else if (document.documentElement.lang) {
    query.set("ui_locales", document.documentElement.lang);
  }
  location.replace(`${endpoint("auth")}?${query}`);
  return new Promise(() => {});
}

/** An access token that is good for a while yet; `expired` if the session has ended. */
export async function accessToken() {
  if (tokens && Date.now() < tokens.expiresAt - MARGIN) {
    return tokens.access;
  }
  refreshing ??= refresh().finally(() => {
    refreshing = null;
  });
  await refreshing;
  return tokens.access;
}

async function refresh() {
  if (!tokens?.refresh) {
    throw new Failure("expired");
  }
  try {
    keep(await ask({ grant_type: "refresh_token", refresh_token: tokens.refresh }));
  } catch (error) {
    if (error.kind === "invalid" || error.kind === "expired") {
      tokens = null;
      throw new Failure("expired");
    }
    throw error;
  }
}

/** Whether somebody signed in so lately that to sign in once more would not help. */
export function fresh() {
  return Date.now() - signedInAt < 5000;
}

/** Who is signed in. */
export function identity() {
  const { name, preferred_username: username, locale } = claims();
  return { name: name ?? username ?? "", username: username ?? "", locale };
}

/** Ends the session at Keycloak by the refresh token, so that no token gets into an address. */
export async function signOut() {
  const refreshToken = tokens?.refresh;
  tokens = null;
  if (refreshToken) {
    await request(endpoint("logout"), {
      method: "POST",
      body: new URLSearchParams({ client_id: page.client, refresh_token: refreshToken }),
    });
  }
}

function ask(form) {
  return request(endpoint("token"), {
    method: "POST",
    body: new URLSearchParams({ client_id: page.client, ...form }),
  });
}

function keep(answer) {
  tokens = {
    access: answer.access_token,
    refresh: answer.refresh_token,
    id: answer.id_token ?? tokens?.id,
    expiresAt: Date.now() + answer.expires_in * 1000,
  };
}

/** Of the ID token, which came from Keycloak itself over the same connection as the others. */
function claims() {
  const [, payload] = (tokens?.id ?? "..").split(".");
  const bytes = Uint8Array.from(atob(payload.replace(/-/g, "+").replace(/_/g, "/")), (byte) => byte.charCodeAt(0));
  return bytes.length ? JSON.parse(new TextDecoder().decode(bytes)) : {};
}

function random() {
  return base64url(crypto.getRandomValues(new Uint8Array(32)));
}

function base64url(bytes) {
  return btoa(String.fromCharCode(...bytes))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=/g, "");
}
