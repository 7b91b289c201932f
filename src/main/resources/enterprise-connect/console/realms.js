/** The choice of a realm, for an administrator of the server who has not named one. */

import { searchBox } from "./form.js";
import { alone } from "./frame.js";
import { page } from "./page.js";
import { Realm } from "./realm.js";
import { text } from "./texts.js";
import { el, emptyState, fill, Paging, table, toolbar } from "./view.js";

/** Asks for a page of names, as Keycloak's own console does. */
export async function chooseRealm() {
  const { api } = new Realm(page.master);
  const query = new URLSearchParams({ size: "100" });
  const { signal } = new AbortController();
  const list = el("div", {});
  const reload = () => {
    const paging = new Paging(query);
    const search = query.get("search") ?? "";
    const { first = 0, max } = paging.asked;
    return fill(
      list,
      signal,
      () => api.keycloak(`ui-ext/realms/names?${new URLSearchParams({ first, max, search })}`, signal),
      (realms) => [
        realms.length
          ? table(
              text("realms.title"),
              [text("realms.name"), text("realms.displayName")],
              paging
                .shown(realms)
                .sort((a, b) => a.name.localeCompare(b.name))
                .map(({ name, displayName }) => [
                  el("a", { href: `?realm=${encodeURIComponent(name)}` }, name),
                  displayName ?? "–",
                ]),
            )
          : emptyState(first ? text("noMore") : text("realms.none")),
        (first > 0 || realms.length > 0) && paging.controls(realms, undefined, narrow),
      ],
    );
  };
  const narrow = (changes) => {
    Object.entries(changes).forEach(([name, value]) => query.set(name, value));
    return reload();
  };
  alone(
    text("realms.title"),
    el(
      "div",
      { class: "ec-realms" },
      el("h1", { class: "pf-v5-c-title pf-m-2xl", tabindex: "-1" }, text("realms.title")),
      toolbar(searchBox(text("realms.filter"), "", (search) => narrow({ search, first: 0 }))),
      list,
    ),
  );
  await reload();
}
