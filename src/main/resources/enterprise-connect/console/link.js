/** One organization: how its link stands, and the parts of it as tabs. */

import { fill } from "./alerts.js";
import { path } from "./api.js";
import * as domains from "./domains.js";
import * as invitations from "./invitations.js";
import { stateLabel, suspendedLabel } from "./labels.js";
import * as links from "./links.js";
import * as members from "./members.js";
import * as overview from "./overview.js";
import * as policy from "./policy.js";
import * as resources from "./resources.js";
import * as revocations from "./revocations.js";
import { text, word } from "./texts.js";
import { el } from "./view.js";

export async function show(context) {
  const { api, signal, segments, status } = context;
  const [, id, tab = "overview"] = segments;
  const loading = context.open({
    title: status.organizations ? text("links.title") : text("nav.connection"),
  });
  await fill(
    loading,
    signal,
    () => api.read(path`links/${id}`, signal),
    async ({ value, version }) => {
      const link = { ...value, version };
      const tabs = tabsOf(context, link);
      const body = context.open({
        title: link.name,
        crumbs: links.crumbs(status),
        labels: [stateLabel("state.link", link.state), link.suspended && suspendedLabel()].filter(Boolean),
        tabs: tabBar(link, tabs, tab),
      });
      body.classList.add("ec-stack");
      noticeChanges(context, link);
      const part = tabs.find(({ name }) => name === tab) ?? tabs[0];
      await part.show(context, link, body);
      return [];
    },
  );
}

function tabsOf({ status }, link) {
  const { access } = status;
  return [
    { name: "overview", show: overview.show },
    { name: "domains", show: domains.show },
    access.queryUsers && { name: "members", show: members.show },
    access.queryUsers && { name: "preview", show: members.preview },
    { name: "resources", show: resources.show },
    { name: "policy", show: policy.show },
    link.access?.manage && { name: "invitations", show: invitations.show },
    access.viewUsers && { name: "revocations", show: revocations.ofLink },
  ].filter(Boolean);
}

function tabBar(link, tabs, chosen) {
  const bar = el(
    "nav",
    { class: "pf-v5-c-tabs ec-tabs", "aria-label": text("tabs") },
    el(
      "ul",
      { class: "pf-v5-c-tabs__list", role: "list" },
      ...tabs.map(({ name }) =>
        el(
          "li",
          { class: `pf-v5-c-tabs__item${name === chosen ? " pf-m-current" : ""}` },
          el(
            "a",
            {
              class: "pf-v5-c-tabs__link",
              href: path`#/organizations/${link.id}` + (name === "overview" ? "" : `/${name}`),
              "aria-current": name === chosen && "page",
            },
            el("span", { class: "pf-v5-c-tabs__item-text" }, word("tab", name)),
          ),
        ),
      ),
    ),
  );
  // Where the screen is narrow, the chosen one may be out of sight.
  requestAnimationFrame(() => bar.querySelector("[aria-current]")?.scrollIntoView({ inline: "nearest", block: "nearest" }));
  return bar;
}

/** Linking happens in another tab: when this one is looked at again, it shows what came of it. */
function noticeChanges(context, link) {
  const { api, signal } = context;
  let looking = false;
  const look = async () => {
    const busy = looking || document.visibilityState !== "visible" || document.querySelector("dialog[open] form");
    if (busy) {
      return;
    }
    looking = true;
    try {
      const now = await api.get(path`links/${link.id}`, {}, signal);
      const told = ({ state, suspended, linkedAt, domains, problem }) =>
        JSON.stringify([state, suspended, linkedAt, domains, problem]);
      if (!signal.aborted && told(now) !== told(link) && !context.dirty()) {
        document.querySelectorAll("dialog[open]").forEach((dialog) => dialog.close());
        await context.refresh();
      }
    } catch {
      // Nobody asked for it; whoever does gets to see the failure.
    } finally {
      looking = false;
    }
  };
  addEventListener("focus", look, { signal });
  document.addEventListener("visibilitychange", look, { signal });
}
