/** The organizations with their links: the start page. */

import { warningAlerts } from "./alerts.js";
import { path } from "./api.js";
import { linkNow } from "./invitations.js";
import { label, stateLabel, suspendedLabel } from "./labels.js";
import { pagedList, searchBox, table } from "./lists.js";
import { text } from "./texts.js";
import { button, el, emptyState, linkButton, paragraph, toolbar } from "./view.js";

/** The way back to this page, from one organization. */
export function crumbs(status) {
  return status.organizations ? [["#/organizations", text("nav.organizations")]] : [];
}

export async function show(context) {
  const { query, signal, api, status } = context;
  const body = context.open({ title: text("links.title"), subtitle: text("links.subtitle") });
  if (!status.access.queryOrganizations) {
    body.append(emptyState(text("links.hidden"), { body: paragraph(text("links.hidden.text")), glyph: "lock" }));
    return;
  }
  const list = pagedList(
    context,
    (asked) => api.get("links", { search: query.get("search") ?? "", ...asked }, signal),
    (links, paging) => content(context, links, paging, list.narrow),
  );
  const search = searchBox(text("links.search"), query.get("search") ?? "", (words) => list.narrow({ search: words, first: 0 }));
  body.append(...warningAlerts(status), toolbar(search), list.place);
  await list.reload();
}

function content(context, links, paging, narrow) {
  const searched = context.query.get("search");
  if (!links.length && paging.first > 0) {
    return emptyState(text("noMore"), {
      actions: [button(text("toStart"), () => narrow({ first: 0 }), { variant: "primary" })],
    });
  }
  if (!links.length && searched) {
    return emptyState(text("links.notFound"), {
      body: paragraph(text("links.notFound.text", searched)),
      actions: [button(text("links.clear"), () => {
        document.querySelector(".ec-search input").value = "";
        return narrow({ search: "", first: 0 });
      }, { variant: "link" })],
    });
  }
  if (!links.length) {
    return emptyState(text("links.none"), {
      body: paragraph(text("links.none.text")),
      glyph: "building",
      actions: [linkButton(context.stock("organizations"), text("links.create"), { variant: "primary", outward: true })],
    });
  }
  return [
    table(
      text("links.title"),
      [text("link.name"), text("link.state"), text("link.serviceAccount"), text("domains.title"), ""],
      paging.shown(links).map((link) => [
        el("a", { href: path`#/organizations/${link.id}` }, link.name),
        el("div", { class: "ec-labels" }, stateLabel("state.link", link.state), link.suspended && suspendedLabel(),
          link.problem && label(text("link.problem"), "orange", "exclamation-triangle")),
        link.serviceAccount ? el("code", {}, link.serviceAccount) : "–",
        link.domains.length ? el("div", { class: "ec-labels" }, ...link.domains.slice(0, 3).map(domain), more(link.domains.length - 3)) : "–",
        next(context, link),
      ]),
    ),
    paging.controls(links),
  ];
}

function domain({ name, approved }) {
  return approved ? label(name, "", "check") : label(text("domains.notApproved", name), "gold", "hourglass-half");
}

function more(count) {
  return count > 0 && el("span", {}, text("more", count));
}

function next(context, link) {
  if (link.access?.manage && context.status.configured && link.state === "unlinked") {
    return button(text("link.now.short"), () => linkNow(context, link), { small: true, about: link.name });
  }
  return linkButton(path`#/organizations/${link.id}`, text("open"), { variant: "link", small: true, about: link.name });
}
