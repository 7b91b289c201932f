/** What became at Cronofy of rights that ended here. */

import { path } from "./api.js";
import { stateLabel } from "./labels.js";
import { pagedList, stateFilter, table } from "./lists.js";
import { number, text, word } from "./texts.js";
import { button, card, el, emptyState, paragraph, time, toolbar } from "./view.js";

const STATES = ["pending", "delivered", "with_service_account", "kept", "undeliverable"];

export async function show(context) {
  const body = context.open({ title: text("revocations.title"), subtitle: text("revocations.subtitle") });
  await ofLink(context, undefined, body);
}

/** Those of one link; without a link, all that there are in the realm. */
export async function ofLink(context, link, place) {
  const { api, query, signal } = context;
  const filter = el("div", { class: "ec-filter" });
  const state = () => query.get("state") ?? "";
  const list = pagedList(
    context,
    (asked) => api.get("revocations", { link: link?.id, state: state(), ...asked }, signal),
    ({ revocations, total, states }, paging) => {
      filter.replaceChildren(
        stateFilter("state.revocation", STATES, states, state(), (chosen) => list.narrow({ state: chosen, first: 0 })),
      );
      return revocations.length
        ? [
            table(
              text("revocations.title"),
              [text("revocations.createdAt"), text("revocations.whose"), text("members.why"), text("link.state"), text("members.attempts"), text("members.nextAttempt"), text("revocations.endedAt")],
              paging.shown(revocations).map(row),
            ),
            paging.controls(revocations, total),
          ]
        : emptyState(text("revocations.none"), { body: paragraph(text("revocations.none.text")), glyph: "history" });
    },
  );
  place.append(card(null, toolbar(filter, button(text("refresh"), list.reload, { glyph: "sync" })), list.place));
  await list.reload();
}

function row(revocation) {
  return [
    time(revocation.createdAt),
    whose(revocation),
    word("reason", revocation.reason),
    el(
      "div",
      {},
      stateLabel("state.revocation", revocation.state),
      el("div", { class: "ec-quote" }, word("outcome", revocation.state)),
    ),
    number(revocation.attempts),
    time(revocation.nextAttemptAt),
    time(revocation.endedAt),
  ];
}

function whose({ mailbox, subject, user, link }) {
  if (!mailbox) {
    return text("revocations.serviceAccount", subject);
  }
  const member = user && (link ? path`#/organizations/${link}/members/${user}` : path`#/members/${user}`);
  return member ? el("a", { href: member }, mailbox) : mailbox;
}
