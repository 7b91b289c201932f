/** The overview of a link: what to do next, how it stands, and what suspends or ends it. */

import { alert } from "./alerts.js";
import { path } from "./api.js";
import { backfillCard } from "./backfill.js";
import { confirmed, tell, telling } from "./dialog.js";
import { toggle } from "./form.js";
import * as invitations from "./invitations.js";
import { stateLabel } from "./labels.js";
import { replacementCard } from "./replacement.js";
import { suspendLink } from "./suspension.js";
import { number, text, word } from "./texts.js";
import { verificationCard } from "./verification.js";
import { button, card, descriptions, el, linkButton, outwardLink, paragraph, time } from "./view.js";

export function show(context, link, place) {
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
          text("overview.missing"),
          link.missingScopes && [el("code", {}, link.missingScopes.join(" ")), paragraph(text("overview.missing.help"))],
        ],
        [text("overview.provider"), link.account && provider(link.account)],
        [text("overview.accountStatus"), link.account?.status && [el("code", {}, link.account.status), " – ", time(link.account.seenAt)]],
        [
          text("overview.migration"),
          link.account?.migrationUrl && [
            paragraph(text("overview.migration.text")),
            outwardLink(link.account.migrationUrl, text("overview.migration.link")),
          ],
        ],
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
        [
          text("overview.foundNames"),
          link.foundNames?.map(({ pattern, domain, members }) =>
            paragraph(text("foundNames.line", number(members), domain ? text("foundNames.domain", domain) : word("foundNames", pattern))),
          ),
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
  if (link.state !== "unlinked") {
    const all = el("div", {});
    place.append(all);
    backfillCard(context, link, all);
    place.append(verificationCard(context, link));
    const replaced = el("div", {});
    place.append(replaced);
    replacementCard(context, link, replaced);
  }
  if (!link.access?.manage) {
    return;
  }
  place.append(
    card(
      text("suspension.title"),
      paragraph(text("suspension.text")),
      toggle(text("suspension.switch"), {
        checked: link.suspended,
        onchange: async (on) => suspendLink(context, link, on),
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

/** The calendar system in Cronofy's own words. */
function provider({ providerName, providerProtocol }) {
  return [providerName, providerProtocol].filter(Boolean).join(" · ") || undefined;
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
      actions: manage ? [button(text("resume"), () => suspendLink(context, link, false), { small: true })] : [],
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
