/** What a page works with: the realm, its own part of the address, its heading, and how it is shown anew or left. */

import { alert } from "./alerts.js";
import { text } from "./texts.js";
import * as unsaved from "./unsaved.js";
import { el, icon, linkButton, paragraph } from "./view.js";

/** The context of a page in `main`. Of the address it has `segments` and `query`; `signal` tells that it was left. */
export function contextOf(realm, navigation, main, { segments, query, signal }) {
  const self = {
    api: realm.api,
    status: realm.status,
    realm: realm.status.realm,
    segments,
    query,
    signal,

    /** Puts the heading in place, and hands out where the content goes. */
    open(heading) {
      return open(main, realm.status, heading);
    },

    /** Shows the same page with what is new, without a move. */
    refresh() {
      return navigation.refresh();
    },

    /** Notes another part of a list or another filter in the address; the page shows it itself. */
    narrow(changes) {
      Object.entries(changes).forEach(([name, value]) => (value ? query.set(name, value) : query.delete(name)));
      navigation.note(`#/${segments.map(encodeURIComponent).join("/")}${query.size ? `?${query}` : ""}`);
    },

    /** Lets the page be asked before it is left with changes that are not saved. */
    guard: unsaved.guard,

    /** Whether something would be lost if the page were shown anew. */
    dirty: unsaved.isDirty,

    /** Asks anew how the realm stands, after a change of it. */
    async renew() {
      await realm.renew();
      self.status = realm.status;
    },

    /** Where the stock console shows something of this realm. */
    stock(place) {
      return `${realm.stockConsole}/${place}`;
    },
  };
  return self;
}

function open(main, status, { title, subtitle, crumbs = [], labels = [], tabs }) {
  document.title = `${title} – ${text("title")}`;
  const heading = el("h1", { class: "pf-v5-c-title pf-m-2xl", tabindex: "-1" }, title);
  const body = el("div", {});
  const focused = main.contains(document.activeElement) || document.activeElement === document.body;
  main.replaceChildren(
    el(
      "section",
      { class: `pf-v5-c-page__main-section pf-m-light${tabs ? " ec-with-tabs" : ""}` },
      crumbs.length > 0 && breadcrumb(crumbs, title),
      el("div", { class: "ec-heading" }, el("div", { class: "ec-title" }, heading, ...labels)),
      subtitle && paragraph(subtitle),
      tabs,
    ),
    el("section", { class: "pf-v5-c-page__main-section" }, banners(status), body),
  );
  if (focused) {
    heading.focus({ preventScroll: true });
  }
  return body;
}

function breadcrumb(crumbs, title) {
  return el(
    "nav",
    { class: "pf-v5-c-breadcrumb", "aria-label": text("breadcrumb") },
    el(
      "ol",
      { class: "pf-v5-c-breadcrumb__list", role: "list" },
      ...[...crumbs, [null, title]].map(([href, caption], index) =>
        el(
          "li",
          { class: "pf-v5-c-breadcrumb__item" },
          index > 0 && el("span", { class: "pf-v5-c-breadcrumb__item-divider" }, icon("angle-right")),
          href
            ? el("a", { class: "pf-v5-c-breadcrumb__link", href }, caption)
            : el("span", { class: "pf-v5-c-breadcrumb__link pf-m-current", "aria-current": "page" }, caption),
        ),
      ),
    ),
  );
}

/** What is wrong with the realm as a whole, on every page. */
function banners(status) {
  const toSettings = status.access.viewRealm
    ? [linkButton("#/settings", text("nav.settings"), { variant: "link" })]
    : [];
  const onSettings = location.hash.startsWith("#/settings");
  const found = [];
  if (!status.configured && !onSettings) {
    found.push(alert("info", text("banner.notConfigured"), { body: paragraph(text("banner.notConfigured.text")), actions: toSettings }));
  } else if (!status.enabled && !onSettings) {
    found.push(alert("warning", text("banner.notEnabled"), { body: paragraph(text("banner.notEnabled.text")), actions: toSettings }));
  }
  if (status.suspended && !onSettings) {
    found.push(alert("warning", text("banner.suspended"), { body: paragraph(text("banner.suspended.text")), actions: toSettings }));
  }
  return found.length ? el("div", { class: "ec-banners" }, ...found) : null;
}
