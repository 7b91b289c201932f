/** What became at Cronofy of rights that ended here. */

import { path } from "./api.js";
import { stateFilter } from "./members.js";
import { number, text, word } from "./texts.js";
import { button, card, el, emptyState, fill, paragraph, Paging, stateLabel, table, time, toolbar } from "./view.js";

const STATES = ["pending", "delivered", "with_service_account", "kept", "undeliverable"];

export async function show(context) {
  const body = context.open({ title: text("revocations.title"), subtitle: text("revocations.subtitle") });
  await list(context, undefined, body);
}

/** Those of one link. */
export async function ofLink(context, link, place) {
  await list(context, link, place);
}

async function list(context, link, place) {
  const { api, query, signal } = context;
  const rows = el("div", {});
  const filter = el("div", { class: "ec-filter" });
  const reload = () => {
    const paging = new Paging(query);
    const state = query.get("state") ?? "";
    return fill(
      rows,
      signal,
      () => api.get("revocations", { link: link?.id, state, ...paging.asked }, signal),
      ({ revocations, total, states }) => {
        filter.replaceChildren(
          stateFilter("state.revocation", STATES, states, state, (chosen) => narrow({ state: chosen, first: 0 })),
        );
        return revocations.length
          ? [
              table(
                text("revocations.title"),
                [text("revocations.createdAt"), text("revocations.whose"), text("members.why"), text("link.state"), text("members.attempts"), text("members.nextAttempt"), text("revocations.endedAt")],
                paging.shown(revocations).map((revocation) => [
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
                ]),
              ),
              paging.controls(revocations, total, narrow),
            ]
          : emptyState(text("revocations.none"), { body: paragraph(text("revocations.none.text")), glyph: "history" });
      },
    );
  };
  const narrow = (changes) => {
    context.narrow(changes);
    return reload();
  };
  place.append(card(null, toolbar(filter, button(text("refresh"), reload, { glyph: "sync" })), rows));
  await reload();
}

function whose({ mailbox, subject, user, link }) {
  if (!mailbox) {
    return text("revocations.serviceAccount", subject);
  }
  const member = user && (link ? path`#/organizations/${link}/members/${user}` : path`#/members/${user}`);
  return member ? el("a", { href: member }, mailbox) : mailbox;
}
