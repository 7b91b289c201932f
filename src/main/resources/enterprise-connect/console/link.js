/** One organization: how its link stands, what to do next, and the parts of it. */

import { alert, fill } from "./alerts.js";
import { path } from "./api.js";
import { confirmed, tell, telling } from "./dialog.js";
import * as domains from "./domains.js";
import { toggle } from "./form.js";
import * as invitations from "./invitations.js";
import { stateLabel, suspendedLabel } from "./labels.js";
import * as links from "./links.js";
import * as members from "./members.js";
import * as policy from "./policy.js";
import * as revocations from "./revocations.js";
import { number, text, word } from "./texts.js";
import { button, card, descriptions, el, linkButton, paragraph, time } from "./view.js";

export async function show(context) {
  const { api, signal, segments, status } = context;
  const [, id, tab = "overview"] = segments;
  const loading = context.open({
    title: status.organizations ? text("links.title") : text("nav.connection"),
  });
  await fill(
    loading,
    signal,
    () => api.get(path`links/${id}`, {}, signal),
    async (link) => {
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
    { name: "overview", show: overview },
    { name: "domains", show: domains.show },
    access.queryUsers && { name: "members", show: members.show },
    access.queryUsers && { name: "preview", show: members.preview },
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

/** What an administrator should do now, in plain words. */
function nextStep(context, link) {
  const { status } = context;
  const manage = link.access?.manage;
  const linking = (primary) =>
    manage && status.configured
      ? [
          button(primary, () => invitations.linkNow(context, link), { variant: "primary", small: true }),
          button(text("invite"), () => invitations.invite(context, link, context.refresh), { small: true }),
        ]
      : [];
  if (link.suspended) {
    return alert("warning", text("step.suspended"), {
      body: paragraph(text("step.suspended.text")),
      actions: manage ? [button(text("resume"), () => suspend(context, link, false), { small: true })] : [],
    });
  }
  if (link.state === "unlinked") {
    return alert("info", text("step.unlinked"), {
      body: paragraph(manage ? text("step.unlinked.text") : text("step.askAdministrator")),
      actions: linking(text("link.now")),
    });
  }
  if (link.state === "awaiting_approval") {
    return alert("warning", text("step.awaitingApproval"), {
      body: paragraph(
        status.access.manageRealm ? text("step.awaitingApproval.text") : text("step.awaitingApproval.ask"),
      ),
      actions: status.access.manageRealm
        ? [linkButton(path`#/organizations/${link.id}/domains`, text("step.toDomains"), { variant: "primary", small: true })]
        : [],
    });
  }
  if (link.state === "needs_authorization") {
    return alert("danger", text("step.needsAuthorization"), {
      body: [
        link.problem && paragraph(word("problem", link.problem.reason)),
        paragraph(manage ? text("step.needsAuthorization.text") : text("step.askAdministrator")),
      ].filter(Boolean),
      actions: linking(text("link.again")),
    });
  }
  if (link.problem) {
    return alert("warning", text("step.problem"), { body: paragraph(word("problem", link.problem.reason)) });
  }
  return null;
}

const suspend = telling(async (context, link, suspended) => {
  const place = path`links/${link.id}/suspension`;
  await (suspended ? context.api.put(place) : context.api.delete(place));
  tell(suspended ? text("suspension.suspended", link.name) : text("suspension.resumed", link.name));
  await context.refresh();
});

function overview(context, link, place) {
  const { status } = context;
  const step = nextStep(context, link);
  if (step) {
    place.append(step);
  }
  place.append(
    card(
      text("overview.title"),
      descriptions([
        [text("link.state"), stateLabel("state.link", link.state)],
        [text("link.serviceAccount"), link.serviceAccount && el("code", {}, link.serviceAccount)],
        [text("overview.linkedAt"), link.linkedAt && time(link.linkedAt)],
        [text("overview.scope"), link.scope && el("code", {}, link.scope)],
        [text("overview.delegatedScope"), link.delegatedScope && el("code", {}, link.delegatedScope)],
        [
          text("overview.lastUse"),
          link.lastUse ? [time(link.lastUse.lastAt), " – ", text("use", link.lastUse.clientId, word("right", link.lastUse.right))] : text("never"),
        ],
        [
          text("overview.health"),
          link.state !== "unlinked" &&
            (link.problem
              ? [paragraph(word("problem", link.problem.reason)), text("since"), " ", time(link.problem.since)]
              : text("overview.healthy")),
        ],
        [text("overview.id"), el("code", {}, link.id)],
      ]),
      el(
        "div",
        { class: "ec-buttons ec-below" },
        button(text("refresh"), context.refresh, { glyph: "sync" }),
        status.organizations &&
          linkButton(context.stock(path`organizations/${link.id}/settings`), text("overview.stock"), { variant: "link", outward: true }),
      ),
    ),
  );
  if (!link.access?.manage) {
    return;
  }
  place.append(
    card(
      text("suspension.title"),
      paragraph(text("suspension.text")),
      toggle(text("suspension.switch"), {
        checked: link.suspended,
        onchange: async (on) => suspend(context, link, on),
      }),
    ),
  );
  if (link.state !== "unlinked") {
    place.append(
      card(
        text("unlink.title"),
        paragraph(text("unlink.text")),
        button(text("unlink"), () => unlink(context, link), { variant: "danger" }),
      ),
    );
  }
}

const unlink = telling(async (context, link) => {
  const { api, status } = context;
  let losing;
  if (status.access.viewUsers) {
    const { states = {} } = await api.get(path`links/${link.id}/delegations`, { max: 1 });
    losing = states.granted ?? 0;
  }
  confirmed({
    title: text("unlink.question", link.name),
    body: [
      el(
        "ul",
        { class: "pf-v5-c-list" },
        el("li", {}, losing === undefined ? text("unlink.members") : text("unlink.membersCounted", number(losing))),
        el("li", {}, text("unlink.revoked", link.serviceAccount ?? "")),
        el("li", {}, text("unlink.back")),
      ),
    ],
    caption: text("unlink.button", link.name),
    run: async (close) => {
      await api.delete(path`links/${link.id}`);
      close();
      tell(text("unlink.done", link.name));
      await context.refresh();
    },
  });
});
