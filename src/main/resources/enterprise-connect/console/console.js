/** The frame of the page: who is signed in, which realm it is about, and which page the address names. */

import { AdminApi, Failure, path } from "./api.js";
import { asked, messages, tellFailure } from "./dialog.js";
import { searchBox } from "./form.js";
import * as links from "./links.js";
import * as link from "./link.js";
import * as member from "./member.js";
import * as revocations from "./revocations.js";
import * as session from "./session.js";
import * as settings from "./settings.js";
import { speak, text } from "./texts.js";
import { alert, button, buttons, el, emptyState, failureAlert, failureTitle, fill, icon, linkButton, outwardLink, paragraph, Paging, spinner, table, toolbar } from "./view.js";

const page = document.documentElement.dataset;
const inMaster = page.realm === page.master;

let api = null;
let status = null;
let leaving = new AbortController();
let unsaved = () => false;
let shownAddress = null;

/** The realm that the page is about; served from master, an administrator of the server may name it. */
function target() {
  return inMaster ? new URLSearchParams(location.search).get("realm") : page.realm;
}

async function boot() {
  if (location.origin + location.pathname !== new URL(page.address).href) {
    // What a sign-in keeps for its return belongs to one host, and Keycloak returns to this address alone.
    location.replace(page.address + location.search + location.hash);
    return;
  }
  followDarkness();
  document.body.append(el("div", { class: "ec-waiting", id: "ec-boot" }, spinner("xl")));
  await speak(page.base, document.documentElement.lang);
  if (!globalThis.crypto?.subtle) {
    stop(text("insecure.title"), paragraph(text("insecure.text")));
    return;
  }
  document.addEventListener("sign-in", () => session.signIn({ silent: true }));
  const arrival = await session.arrive();
  if (arrival.outcome === "signed-in") {
    await start();
  } else if (arrival.outcome === "refused") {
    await tryMaster();
  } else if (arrival.outcome === "failed") {
    chooseWay(arrival.detail);
  } else {
    const intent = session.intent();
    if (intent === "choose") {
      chooseWay();
    } else {
      await session.signIn({ silent: intent !== "interactive" });
    }
  }
}

function followDarkness() {
  if (page.dark !== "true") {
    return;
  }
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const follow = () => document.documentElement.classList.toggle("pf-v5-theme-dark", dark.matches);
  dark.addEventListener("change", follow);
  follow();
}

/** Nobody is signed in to this realm: perhaps an administrator of the server is, to master. */
async function tryMaster() {
  if (!inMaster) {
    if (await served(page.master)) {
      location.replace(`${session.consoleOf(page.master)}?realm=${encodeURIComponent(page.realm)}${location.hash}`);
      return;
    }
    chooseWay();
  } else if (target()) {
    chooseWay();
  } else {
    await session.signIn();
  }
}

async function served(realm) {
  try {
    const answer = await fetch(session.consoleOf(realm), { signal: AbortSignal.timeout(10000) });
    return answer.ok;
  } catch {
    return false;
  }
}

/** Goes to sign in somebody of a realm for the realm that the page is about. */
function signInAt(realm) {
  const about = target() ?? page.realm;
  if (realm === page.realm) {
    return session.signIn();
  }
  session.intend(realm, "interactive");
  const query = realm === page.master ? `?realm=${encodeURIComponent(about)}` : "";
  location.assign(session.consoleOf(realm) + query + location.hash);
  return new Promise(() => {});
}

function ways() {
  const about = target() ?? page.realm;
  const ofServer = button(text("signIn.server"), () => signInAt(page.master), {
    variant: about === page.master ? "primary" : "secondary",
  });
  return about === page.master
    ? [ofServer]
    : [button(text("signIn.realm", about), () => signInAt(about), { variant: "primary" }), ofServer];
}

function chooseWay(problem) {
  stop(
    text("signIn.title"),
    [
      problem !== undefined && alert("danger", text("signIn.failed"), { body: problem && paragraph(problem), live: true }),
      paragraph(text("signIn.text")),
    ],
    ways(),
    "user",
  );
}

function denied() {
  const about = target();
  const { name, username } = session.identity();
  stop(
    text("denied.title", about),
    paragraph(text("denied.text", name === username ? name : `${name} (${username})`, page.realm)),
    [
      button(text("signIn.somebodyElse"), leave, { variant: "primary" }),
      about !== page.master &&
        (inMaster
          ? button(text("signIn.realm", about), () => signInAt(about))
          : button(text("signIn.server"), () => signInAt(page.master))),
    ].filter(Boolean),
    "lock",
  );
}

async function leave() {
  try {
    await session.signOut();
  } catch (error) {
    tellFailure(error);
    return;
  }
  session.intend(page.realm, "choose");
  unsaved = () => false;
  location.replace(location.pathname + location.search);
}

/** Shows one thing only, in the middle of an empty page. */
function stop(title, body, actions = [], glyph = "exclamation-circle") {
  document.title = title;
  document.body.replaceChildren(
    messages(),
    el("main", { class: "ec-alone", id: "main" }, emptyState(title, { body, actions, glyph, level: "h1" })),
  );
  document.querySelector("h1").focus();
}

/** Somebody is signed in. */
async function start() {
  const { locale } = session.identity();
  if (locale && locale !== document.documentElement.lang) {
    await speak(page.base, locale);
  }
  const realm = target();
  if (!realm) {
    await chooseRealm();
    return;
  }
  api = new AdminApi(page.admin, realm, session.accessToken);
  try {
    status = await api.get("status");
  } catch (error) {
    if (error.kind === "expired" && !session.fresh()) {
      await session.signIn({ silent: true });
    } else if (error.kind === "forbidden") {
      denied();
    } else {
      stop(failureTitle(error), error.detail && paragraph(error.detail), [
        button(text("tryAgain"), start, { variant: "primary" }),
        button(text("signIn.somebodyElse"), leave),
      ]);
    }
    return;
  }
  frame();
  addEventListener("hashchange", move);
  addEventListener("popstate", () => {
    if (target() !== realm) {
      location.reload();
    }
  });
  addEventListener("beforeunload", (event) => {
    if (unsaved()) {
      event.preventDefault();
    }
  });
  document.addEventListener("failure", ({ detail }) => {
    if (detail.kind === "expired" && !session.fresh()) {
      session.signIn({ silent: true });
    }
  });
  await move();
}

/** Served from master, for no realm in particular: asks for a page of names, as Keycloak's own console does. */
async function chooseRealm() {
  const master = new AdminApi(page.admin, page.master, session.accessToken);
  const query = new URLSearchParams({ size: "100" });
  const { signal } = new AbortController();
  const list = el("div", {});
  const heading = el("h1", { class: "pf-v5-c-title pf-m-2xl", tabindex: "-1" }, text("realms.title"));
  const reload = () => {
    const paging = new Paging(query);
    const search = query.get("search") ?? "";
    const { first = 0, max } = paging.asked;
    return fill(
      list,
      signal,
      () => master.keycloak(`ui-ext/realms/names?${new URLSearchParams({ first, max, search })}`, signal),
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
  document.title = text("realms.title");
  document.body.replaceChildren(
    messages(),
    el(
      "main",
      { class: "ec-alone", id: "main" },
      el(
        "div",
        { class: "ec-realms" },
        heading,
        toolbar(searchBox(text("realms.filter"), "", (search) => narrow({ search, first: 0 }))),
        list,
      ),
    ),
  );
  heading.focus();
  await reload();
}

const PAGES = [
  [/^organizations$/, links],
  [/^organizations\/[^/]+\/members\/[^/]+$/, member],
  [/^organizations\/[^/]+(\/[a-z]+)?$/, link],
  [/^members\/[^/]+$/, member],
  [/^revocations$/, revocations],
  [/^settings$/, settings],
];

function home() {
  return status.organizations ? "#/organizations" : "#/organizations/realm";
}

/** Shows the page that the address names, unless something unsaved would be lost. */
async function move() {
  if (location.hash === shownAddress) {
    return;
  }
  if (unsaved()) {
    const wanted = location.hash;
    history.replaceState(null, "", shownAddress);
    const drop = await asked({
      title: text("unsaved.title"),
      body: text("unsaved.text"),
      caption: text("unsaved.leave"),
      cancel: text("unsaved.stay"),
    });
    if (!drop) {
      return;
    }
    unsaved = () => false;
    history.pushState(null, "", wanted);
  }
  await show(true);
}

async function show(moved) {
  const [place, search] = location.hash.replace(/^#\/?/, "").split("?");
  const known = PAGES.find(([pattern]) => pattern.test(place));
  if (!known || (!status.organizations && place === "organizations")) {
    history.replaceState(null, "", home());
    await show(moved);
    return;
  }
  shownAddress = location.hash;
  leaving.abort();
  leaving = new AbortController();
  unsaved = () => false;
  const main = document.querySelector("#main");
  if (moved) {
    main.replaceChildren();
    main.scrollTo(0, 0);
    document.querySelector(".pf-v5-c-page__sidebar").classList.toggle("pf-m-expanded", wide());
    reflectSidebar();
  }
  mark(place);
  await known[1].show(context(main, segmentsOf(place), new URLSearchParams(search), leaving.signal));
}

/** The parts of a place; one that is escaped wrongly stands for itself, and is not found. */
function segmentsOf(place) {
  return place.split("/").map((segment) => {
    try {
      return decodeURIComponent(segment);
    } catch {
      return segment;
    }
  });
}

/** What a page works with. */
function context(main, segments, query, signal) {
  const self = {
    api,
    status,
    segments,
    query,
    signal,
    realm: status.realm,

    /** Puts the heading in place, and hands out where the content goes. */
    open({ title, subtitle, crumbs = [], labels = [], actions = [], tabs }) {
      document.title = `${title} – ${text("title")}`;
      const heading = el("h1", { class: "pf-v5-c-title pf-m-2xl", tabindex: "-1" }, title);
      const body = el("div", {});
      const focused = main.contains(document.activeElement) || document.activeElement === document.body;
      main.replaceChildren(
        el(
          "section",
          { class: `pf-v5-c-page__main-section pf-m-light${tabs ? " ec-with-tabs" : ""}` },
          crumbs.length > 0 && breadcrumb(crumbs, title),
          el("div", { class: "ec-heading" }, el("div", { class: "ec-title" }, heading, ...labels), buttons(...actions)),
          subtitle && paragraph(subtitle),
          tabs,
        ),
        el("section", { class: "pf-v5-c-page__main-section" }, banners(), body),
      );
      if (focused) {
        heading.focus({ preventScroll: true });
      }
      return body;
    },

    /** Shows the same page with what is new, without a move. */
    async refresh() {
      await show(false);
    },

    /** Notes another part of a list or another filter in the address; the page shows it itself. */
    narrow(changes) {
      Object.entries(changes).forEach(([name, value]) => (value ? query.set(name, value) : query.delete(name)));
      shownAddress = `#/${segments.map(encodeURIComponent).join("/")}${query.size ? `?${query}` : ""}`;
      history.pushState(null, "", shownAddress);
    },

    go(hash) {
      location.hash = hash;
    },

    /** Lets the page be asked before it is left with changes that are not saved. */
    guard(dirty) {
      unsaved = dirty;
    },

    /** Whether something would be lost if the page were shown anew. */
    dirty() {
      return unsaved();
    },

    /** Asks anew how the realm stands, after a change of it. */
    async renew() {
      status = await api.get("status");
      self.status = status;
    },

    /** Where the stock console shows something of this realm. */
    stock(place) {
      return `${page.admin}/admin/${encodeURIComponent(page.realm)}/console/#/${encodeURIComponent(status.realm)}/${place}`;
    },
  };
  return self;
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
function banners() {
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

const WIDE = "(min-width: 75rem)";

function wide() {
  return matchMedia(WIDE).matches;
}

function reflectSidebar() {
  const sidebar = document.querySelector(".pf-v5-c-page__sidebar");
  const expanded = sidebar.classList.contains("pf-m-expanded");
  sidebar.classList.toggle("pf-m-collapsed", !expanded);
  sidebar.inert = !expanded;
  document.querySelector("#ec-toggle").setAttribute("aria-expanded", String(expanded));
}

function mark(place) {
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

function frame() {
  const { access } = status;
  const entry = (href, caption) =>
    el("li", { class: "pf-v5-c-nav__item" }, el("a", { class: "pf-v5-c-nav__link", href }, caption));
  const sidebar = el(
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
          entry(home(), status.organizations ? text("nav.organizations") : text("nav.connection")),
          access.viewRealm && access.viewUsers && entry("#/revocations", text("nav.revocations")),
          access.viewRealm && entry("#/settings", text("nav.settings")),
        ),
        el(
          "div",
          { class: "ec-away" },
          inMaster && el("p", {}, el("a", { href: location.pathname }, text("realms.other"))),
          el(
            "p",
            {},
            outwardLink(
              `${page.admin}/admin/${encodeURIComponent(page.realm)}/console/#/${encodeURIComponent(status.realm)}`,
              text("stockConsole"),
            ),
          ),
          page.version && el("p", {}, text("version", page.version)),
        ),
      ),
    ),
  );
  const toggle = el(
    "button",
    {
      type: "button",
      class: "pf-v5-c-button pf-m-plain",
      id: "ec-toggle",
      "aria-label": text("nav.toggle"),
      "aria-controls": "ec-sidebar",
      onclick: () => {
        sidebar.classList.toggle("pf-m-expanded");
        reflectSidebar();
      },
    },
    icon("bars"),
  );
  document.body.replaceChildren(
    messages(),
    el(
      "div",
      { class: "pf-v5-c-page" },
      el(
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
      ),
      el(
        "header",
        { class: "pf-v5-c-masthead pf-m-display-inline" },
        el("span", { class: "pf-v5-c-masthead__toggle" }, toggle),
        el(
          "div",
          { class: "pf-v5-c-masthead__main" },
          el(
            "a",
            { class: "pf-v5-c-masthead__brand ec-brand", href: home(), "aria-label": text("title") },
            el("img", { src: `${page.base}icon.svg`, alt: "", width: "28", height: "28" }),
            el("span", {}, text("title")),
          ),
        ),
        el(
          "div",
          { class: "pf-v5-c-masthead__content ec-account" },
          el("span", { class: "ec-name" }, session.identity().name),
          button(text("signOut"), leave, { variant: "secondary", small: true }),
        ),
      ),
      sidebar,
      el("main", { class: "pf-v5-c-page__main", id: "main", tabindex: "-1" }),
    ),
  );
  const fold = () => {
    sidebar.classList.toggle("pf-m-expanded", wide());
    reflectSidebar();
  };
  matchMedia(WIDE).addEventListener("change", fold);
  fold();
}

boot().catch((error) => {
  console.error(error);
  document.body.replaceChildren(
    el("main", { class: "ec-alone" }, failureAlert(error instanceof Failure ? error : { kind: "unreachable" }, () => location.reload())),
  );
});
