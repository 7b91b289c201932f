/** The members of a link: those who were asked for, and who would be. */

import { path } from "./api.js";
import { confirmed, tell, telling } from "./dialog.js";
import { select } from "./form.js";
import { number, text, word } from "./texts.js";
import { button, buttons, card, descriptions, el, emptyState, fill, label, paragraph, Paging, stateLabel, table, time, toolbar } from "./view.js";

/** How long an ask usually takes to show in the list. */
const ASKING = 2000;
const STATES = ["granted", "asked", "refused", "revoked"];

/** Why somebody is not connected: the reason in plain words, and Cronofy's own. */
export function why({ reason, detail }) {
  return [
    reason && word("reason", reason),
    detail && el("div", { class: "ec-quote" }, text("reason.saidByCronofy"), " ", el("q", {}, detail)),
  ].filter(Boolean);
}

function memberLink(link, { user, username }) {
  return username
    ? el("a", { href: path`#/organizations/${link.id}/members/${user}` }, username)
    : text("members.gone");
}

/** Asks for a member's mailbox now. */
export async function connect({ api }, user, name) {
  await api.put(path`users/${user}/delegation`);
  tell(text("members.asked", name));
}

/** Ends what a member has, if that is meant. */
export function disconnect({ api }, user, name, done) {
  confirmed({
    title: text("members.revoke.title", name),
    body: text("members.revoke.text"),
    caption: text("members.revoke"),
    run: async () => {
      await api.delete(path`users/${user}/delegation`);
      tell(text("members.revoked", name));
      await done();
    },
  });
}

export async function show(context, link, place) {
  const { api, query, signal } = context;
  const list = el("div", {});
  const filter = el("div", { class: "ec-filter" });
  const reload = () => {
    const paging = new Paging(query);
    const state = query.get("state") ?? "";
    return fill(
      list,
      signal,
      () => api.get(path`links/${link.id}/delegations`, { state, ...paging.asked }, signal),
      ({ members, total, states }) => {
        filter.replaceChildren(stateFilter("state.delegation", STATES, states, state, (chosen) => narrow({ state: chosen, first: 0 })));
        if (!members.length) {
          return emptyState(state || paging.first ? text("members.noneSuch") : text("members.none"), {
            body: paragraph(state || paging.first ? text("members.noneSuch.text") : text("members.none.text")),
            glyph: "users",
          });
        }
        const shown = paging.shown(members);
        const manageable = shown.some(({ access }) => access.manage);
        return [
          table(
            text("tab.members"),
            [text("members.username"), text("members.mailbox"), text("link.state"), text("members.why"), text("members.attempts"), text("members.nextAttempt"), ...(manageable ? [""] : [])],
            shown.map((member) => row(member, manageable)),
          ),
          paging.controls(members, total, narrow),
        ];
      },
    );
  };
  const narrow = (changes) => {
    context.narrow(changes);
    return reload();
  };
  const row = (member, manageable) => {
    const name = member.username ?? member.mailbox;
    const actions = member.access.manage && [
      member.state !== "granted" &&
        button(
          text("members.connect"),
          telling(async () => {
            await connect(context, member.user, name);
            setTimeout(reload, ASKING);
          }),
          { variant: "link", small: true, about: name },
        ),
      ["granted", "asked"].includes(member.state) &&
        button(text("members.revoke"), () => disconnect(context, member.user, name, reload), {
          variant: "link",
          small: true,
          about: name,
        }),
    ].filter(Boolean);
    const reason = why(member);
    return [
      memberLink(link, member),
      member.mailbox,
      stateLabel("state.delegation", member.state),
      reason.length ? reason : "–",
      number(member.attempts),
      time(member.nextAttemptAt),
      ...(manageable ? [actions ? buttons(...actions) : "–"] : []),
    ];
  };
  place.append(
    card(null, toolbar(filter, button(text("refresh"), reload, { glyph: "sync" })), list),
  );
  await reload();
}

/** A choice of state with how many there are in each, where that is known. */
export function stateFilter(family, ids, counts, chosen, choose) {
  const caption = (name, count) => (counts ? text("filter.counted", name, count ?? 0) : name);
  const all = counts && Object.values(counts).reduce((sum, count) => sum + count, 0);
  return select(
    [["", caption(text("filter.all"), all)], ...ids.map((id) => [id, caption(word(family, id), counts?.[id])])],
    { value: chosen, onchange: choose, "aria-label": text("filter.state") },
  );
}

/** A dry run: who would be connected at the next sign-in, and why others would not. */
export async function preview(context, link, place) {
  const { api, query, signal, status } = context;
  const list = el("div", {});
  const counts = el("div", { class: "ec-stack" });
  const reload = () => {
    const paging = new Paging(query);
    return fill(
      list,
      signal,
      () => api.get(path`links/${link.id}/delegations`, { preview: "true", ...paging.asked }, signal),
      ({ members, total }) =>
        members.length
          ? [
              table(
                text("tab.preview"),
                [text("members.username"), text("members.mailbox"), text("preview.wouldBe"), text("members.why"), text("preview.now")],
                paging.shown(members).map((member) => [
                  memberLink(link, member),
                  member.mailbox ?? "–",
                  member.allowed
                    ? label(text("preview.yes"), "green", "check-circle")
                    : label(text("preview.no"), "red", "times-circle"),
                  member.reason ? word("reason", member.reason) : "–",
                  stateLabel("state.delegation", member.state),
                ]),
              ),
              paging.controls(members, total, (changes) => {
                context.narrow(changes);
                return reload();
              }),
            ]
          : emptyState(text("preview.none"), { body: paragraph(text("preview.none.text")), glyph: "users" }),
    );
  };
  const count = () =>
    fill(
      counts,
      signal,
      () => api.get(path`links/${link.id}/delegations`, { preview: "true", counts: "true", max: 1 }, signal),
      ({ total, counts: found = {} }) => [
        paragraph(text("preview.total", total ?? 0)),
        descriptions(
          Object.entries(found).map(([reason, many]) => [
            reason === "allowed" ? text("preview.wouldBe") : word("reason", reason),
            number(many),
          ]),
        ),
      ],
    );
  place.append(
    card(
      null,
      paragraph(text("preview.text")),
      buttons(
        status.access.viewUsers && button(text("preview.count"), count, { glyph: "calculator" }),
        button(text("refresh"), reload, { glyph: "sync" }),
      ),
      counts,
      list,
    ),
  );
  await reload();
}
