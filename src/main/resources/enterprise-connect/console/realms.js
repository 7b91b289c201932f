/** The choice of a realm, for an administrator of the server who has not named one. */

import { alone } from "./frame.js";
import { pagedList, searchBox, table } from "./lists.js";
import { page } from "./page.js";
import { Realm } from "./realm.js";
import { text } from "./texts.js";
import { el, emptyState, toolbar } from "./view.js";

/** Asks for a page of names, as Keycloak's own console does. */
export async function chooseRealm() {
  const { api } = new Realm(page.master);
  const query = new URLSearchParams({ size: "100" });
  const { signal } = new AbortController();
  const narrow = (changes) => Object.entries(changes).forEach(([name, value]) => query.set(name, value));
  const list = pagedList(
    { query, signal, narrow },
    ({ first = 0, max }) => {
      const asked = new URLSearchParams({ first, max, search: query.get("search") ?? "" });
      return api.keycloak(`ui-ext/realms/names?${asked}`, signal);
    },
    (realms, paging) => [
      realms.length ? names(paging.shown(realms)) : emptyState(paging.first ? text("noMore") : text("realms.none")),
      (paging.first > 0 || realms.length > 0) && paging.controls(realms),
    ],
  );
  alone(
    text("realms.title"),
    el(
      "div",
      { class: "ec-realms" },
      el("h1", { class: "pf-v5-c-title pf-m-2xl", tabindex: "-1" }, text("realms.title")),
      toolbar(searchBox(text("realms.filter"), "", (search) => list.narrow({ search, first: 0 }))),
      list.place,
    ),
  );
  await list.reload();
}

function names(realms) {
  return table(
    text("realms.title"),
    [text("realms.name"), text("realms.displayName")],
    realms
      .sort((a, b) => a.name.localeCompare(b.name))
      .map(({ name, displayName }) => [
        el("a", { href: `?realm=${encodeURIComponent(name)}` }, name),
        displayName ?? "–",
      ]),
  );
}
