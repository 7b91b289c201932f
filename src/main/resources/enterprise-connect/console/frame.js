/** The frame of every page, with masthead and sidebar; and the empty page that shows one thing alone. */

import { messages } from "./dialog.js";
import { inMaster, page } from "./page.js";
import { identity } from "./session.js";
import { text } from "./texts.js";
import { button, el, emptyState, iconButton, outwardLink } from "./view.js";

const WIDE = "(min-width: 75rem)";

/** Puts the frame around a realm's pages in place. */
export function frame(realm, signOut) {
  document.body.replaceChildren(
    messages(),
    el(
      "div",
      { class: "pf-v5-c-page" },
      skip(),
      masthead(realm, signOut),
      sidebar(realm),
      el("main", { class: "pf-v5-c-page__main", id: "main", tabindex: "-1" }),
    ),
  );
  matchMedia(WIDE).addEventListener("change", fold);
  fold();
}

/** Leads past the frame, for those who use the keyboard or a screen reader. */
function skip() {
  return el(
    "div",
    { class: "pf-v5-c-skip-to-content" },
    el(
      "button",
      {
        type: "button",
        class: "pf-v5-c-button pf-m-primary",
        onclick: () => document.querySelector("#main").focus(),
      },
      text("skip"),
    ),
  );
}

function masthead({ home }, signOut) {
  const toggle = iconButton(text("nav.toggle"), "bars", () => expand(!isExpanded()), {
    id: "ec-toggle",
    "aria-controls": "ec-sidebar",
  });
  return el(
    "header",
    { class: "pf-v5-c-masthead pf-m-display-inline" },
    el("span", { class: "pf-v5-c-masthead__toggle" }, toggle),
    el(
      "div",
      { class: "pf-v5-c-masthead__main" },
      el(
        "a",
        { class: "pf-v5-c-masthead__brand ec-brand", href: home, "aria-label": text("title") },
        el("img", { src: `${page.base}icon.svg`, alt: "", width: "28", height: "28" }),
        el("span", {}, text("title")),
      ),
    ),
    el(
      "div",
      { class: "pf-v5-c-masthead__content ec-account" },
      el("span", { class: "ec-name" }, identity().name),
      button(text("signOut"), signOut, { variant: "secondary", small: true }),
    ),
  );
}

function sidebar({ home, status, stockConsole }) {
  const { access } = status;
  return el(
    "div",
    { class: "pf-v5-c-page__sidebar", id: "ec-sidebar" },
    el(
      "div",
      { class: "pf-v5-c-page__sidebar-body" },
      el(
        "nav",
        { class: "pf-v5-c-nav", "aria-label": text("nav") },
        el("div", { class: "ec-realm" }, text("realm"), el("strong", {}, status.displayName || status.realm)),
        el(
          "ul",
          { class: "pf-v5-c-nav__list", role: "list" },
          entry(home, status.organizations ? text("nav.organizations") : text("nav.connection")),
          access.viewRealm && access.viewUsers && entry("#/revocations", text("nav.revocations")),
          access.viewRealm && entry("#/settings", text("nav.settings")),
        ),
        el(
          "div",
          { class: "ec-away" },
          inMaster && el("p", {}, el("a", { href: location.pathname }, text("realms.other"))),
          el("p", {}, outwardLink(stockConsole, text("stockConsole"))),
          page.version && el("p", {}, text("version", page.version)),
        ),
      ),
    ),
  );
}

function entry(href, caption) {
  return el("li", { class: "pf-v5-c-nav__item" }, el("a", { class: "pf-v5-c-nav__link", href }, caption));
}

/** Marks the entry of the sidebar that leads to a place. */
export function mark(place) {
  document.querySelectorAll(".pf-v5-c-nav__link").forEach((item) => {
    const current = `#/${place}/`.startsWith(`${item.getAttribute("href")}/`);
    item.classList.toggle("pf-m-current", current);
    if (current) {
      item.setAttribute("aria-current", "page");
    } else {
      item.removeAttribute("aria-current");
    }
  });
}

/** Shows the sidebar where there is room for it, and hides it elsewhere. */
export function fold() {
  expand(matchMedia(WIDE).matches);
}

function isExpanded() {
  return document.querySelector("#ec-sidebar").classList.contains("pf-m-expanded");
}

function expand(expanded) {
  const folding = document.querySelector("#ec-sidebar");
  folding.classList.toggle("pf-m-expanded", expanded);
  folding.classList.toggle("pf-m-collapsed", !expanded);
  folding.inert = !expanded;
  document.querySelector("#ec-toggle").setAttribute("aria-expanded", String(expanded));
}

/** Shows one thing alone, with a heading of the first level in it. */
export function alone(title, content) {
  document.title = title;
  document.body.replaceChildren(messages(), el("main", { class: "ec-alone", id: "main" }, content));
  document.querySelector("h1").focus();
}

/** Says why the page goes no further, and what can be done now. */
export function stop(title, { body, actions = [], glyph = "exclamation-circle" }) {
  alone(title, emptyState(title, { body, actions, glyph, level: "h1" }));
}
