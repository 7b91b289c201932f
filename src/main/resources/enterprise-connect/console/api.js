/** Keycloak's admin API and ours below it, in one realm. Failures are told apart by what an administrator can do. */

const PATIENCE = 30000;

const KINDS = { 400: "invalid", 401: "expired", 403: "forbidden", 404: "missing", 409: "conflict", 412: "changed" };

/**
 * What came instead of an answer. `kind` is one of `invalid` (write something else), `expired` (sign in again), `forbidden`,
 * `missing`, `conflict` (something stands in the way), `changed` (by somebody else meanwhile), `unreachable` (try again later) and `failed`; `detail` is what the
 * server said, in English.
 */
export class Failure extends Error {
  constructor(kind, detail = "") {
    super(`${kind}: ${detail}`);
    this.kind = kind;
    this.detail = detail;
  }
}

/** A path whose values are escaped. */
export function path(parts, ...values) {
  return parts.reduce((whole, part, index) => whole + encodeURIComponent(values[index - 1]) + part);
}

/** Answers a request's JSON, or nothing if there is none; gives up after a while, or when the signal says so. */
export async function request(url, options) {
  return (await exchange(url, options)).json;
}

async function exchange(url, { method = "GET", headers = {}, body, signal } = {}) {
  const patience = AbortSignal.timeout(PATIENCE);
  let answer;
  let content;
  try {
    answer = await fetch(url, {
      method,
      headers: { Accept: "application/json", ...headers },
      body,
      cache: "no-store",
      signal: signal ? AbortSignal.any([signal, patience]) : patience,
    });
    content = await answer.text();
  } catch (error) {
    if (signal?.aborted) {
      throw error;
    }
    throw new Failure("unreachable");
  }
  const json = parse(content);
  if (!answer.ok) {
    throw new Failure(kindOf(answer.status), said(json));
  }
  return { json, version: answer.headers.get("ETag") };
}

function kindOf(status) {
  return KINDS[status] ?? ([429, 502, 503, 504].includes(status) ? "unreachable" : "failed");
}

/** The server's own words, unless they are no more than the status. */
function said(json) {
  const words = String(json?.errorMessage ?? json?.error_description ?? json?.error ?? "");
  return words.startsWith("HTTP ") ? "" : words;
}

function parse(content) {
  try {
    return content ? JSON.parse(content) : null;
  } catch {
    return null;
  }
}

/** The admin API of one realm, asked with the tokens of a session. */
export class AdminApi {
  #base;
  #accessToken;

  constructor(admin, realm, accessToken) {
    this.#base = `${admin}/admin/realms/${encodeURIComponent(realm)}/`;
    this.#accessToken = accessToken;
  }

  /** Enterprise Connect's answer to a question. */
  get(place, query = {}, signal) {
    return this.#ask("GET", `enterprise-connect/${place}${search(query)}`, undefined, signal);
  }

  /** The same, with the version of what was answered, for those who replace it later. */
  async read(place, signal) {
    const { json, version } = await this.#exchange("GET", `enterprise-connect/${place}`, { signal });
    return { value: json, version };
  }

  post(place, body) {
    return this.#ask("POST", `enterprise-connect/${place}`, body);
  }

  /** Replaces what is there; with the version that was read, only if nobody else has replaced it since. */
  put(place, body, version) {
    return this.#ask("PUT", `enterprise-connect/${place}`, body, undefined, version);
  }

  delete(place) {
    return this.#ask("DELETE", `enterprise-connect/${place}`);
  }

  /** Keycloak's own answer, such as a user. */
  keycloak(place, signal) {
    return this.#ask("GET", place, undefined, signal);
  }

  async #ask(method, place, body, signal, version) {
    return (await this.#exchange(method, place, { body, signal, version })).json;
  }

  async #exchange(method, place, { body, signal, version }) {
    const headers = { Authorization: `Bearer ${await this.#accessToken()}` };
    if (body !== undefined) {
      headers["Content-Type"] = "application/json";
    }
    if (version) {
      headers["If-Match"] = version;
    }
    return exchange(this.#base + place, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      signal,
    });
  }
}

function search(query) {
  const asked = Object.entries(query).filter(([, value]) => value !== undefined && value !== "");
  return asked.length ? `?${new URLSearchParams(asked)}` : "";
}
