/** The members of a link: those who were asked for, and who would be. */

import { alert, fill } from "./alerts.js";
import { path } from "./api.js";
import { confirmed, tell, telling } from "./dialog.js";
import { label, stateLabel } from "./labels.js";
import { pagedList, stateFilter, table } from "./lists.js";
import { moment, number, text, word } from "./texts.js";
import { button, buttons, card, descriptions, el, emptyState, paragraph, time, toolbar } from "./view.js";

/** How long an ask usually takes to show in the list. */
const ASKING = 2000;

/** How often to look how far counting has come. */
const COUNTING = 1500;

/** How many parts of a page are asked for before somebody has to say that it shall go on. */
const PARTS = 3;
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

/**
 * One page. Whoever may see few of many members is answered a part at a time, with where it goes on. So many parts are asked
 * for and no more; `begun` is what an earlier call has found so far, if it did not come to the end.
 */
async function page({ api, signal }, link, asked, begun) {
  const members = [...(begun?.members ?? [])];
  let next = begun?.next;
  let answer;
  for (let part = 0; part < PARTS && (part === 0 || next) && members.length < asked.max; part += 1) {
    const rest = next ? { ...asked, first: undefined, after: next, max: asked.max - members.length } : asked;
    answer = await api.get(path`links/${link.id}/delegations`, rest, signal);
    // A list begins anew if the member is gone after whom it was to go on.
    members.push(...answer.members.filter(({ user }) => !members.some((known) => known.user === user)));
    next = answer.next;
  }
  return { ...answer, members, next: members.length < asked.max ? next : undefined };
}

/** For a page that has not come to its end. */
function unfinished(goOn) {
  return el("div", { class: "ec-stack", role: "status" }, paragraph(text("members.unfinished")), buttons(button(text("members.goOn"), goOn)));
}

export async function show(context, link, place) {
  const { query } = context;
  const filter = el("div", { class: "ec-filter" });
  const state = () => query.get("state") ?? "";
  let begun;
  const list = pagedList(
    context,
    (asked) => {
      const found = page(context, link, { state: state(), ...asked }, begun);
      begun = undefined;
      return found;
    },
    ({ members, total, states, next }, paging) => {
      filter.replaceChildren(
        stateFilter("state.delegation", STATES, states, state(), (chosen) => list.narrow({ state: chosen, first: 0 })),
      );
      const more =
        next &&
        unfinished(() => {
          begun = { members, next };
          return list.reload();
        });
      if (!members.length && more) {
        return more;
      }
      if (!members.length) {
        return emptyState(state() || paging.first ? text("members.noneSuch") : text("members.none"), {
          body: paragraph(state() || paging.first ? text("members.noneSuch.text") : text("members.none.text")),
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
        more,
        paging.controls(members, total),
      ].filter(Boolean);
    },
  );
  const row = (member, manageable) => {
    const name = member.username ?? member.mailbox;
    const actions = member.access.manage && [
      member.state !== "granted" &&
        button(
          text("members.connect"),
          telling(async () => {
            await connect(context, member.user, name);
            setTimeout(list.reload, ASKING);
          }),
          { variant: "link", small: true, about: name },
        ),
      ["granted", "asked"].includes(member.state) &&
        button(text("members.revoke"), () => disconnect(context, member.user, name, list.reload), {
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
  place.append(card(null, toolbar(filter, button(text("refresh"), list.reload, { glyph: "sync" })), list.place));
  await list.reload();
}

/** How many would be connected and why others would not, as far as they have been counted. */
function counted(total, found, { state, counted: many, at }) {
  return [
    state === "failed" && alert("warning", text("preview.failed"), { live: true }),
    paragraph(state === "finished" ? text("preview.total", total ?? 0) : text("preview.counting", many, Math.max(many, total ?? 0))),
    state === "finished" && paragraph(text("preview.countedAt", moment(at))),
    descriptions(
      Object.entries(found).map(([reason, members]) => [
        reason === "allowed" ? text("preview.wouldBe") : word("reason", reason),
        number(members),
      ]),
    ),
  ].filter(Boolean);
}

/** A dry run: who would be connected at the next sign-in, and why others would not. */
export async function preview(context, link, place) {
  const { api, signal, status } = context;
  const list = pagedList(
    context,
    (asked) => api.get(path`links/${link.id}/delegations`, { preview: "true", ...asked }, signal),
    ({ members, total }, paging) =>
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
            paging.controls(members, total),
          ]
        : emptyState(text("preview.none"), { body: paragraph(text("preview.none.text")), glyph: "users" }),
  );
  const counts = el("div", { class: "ec-stack", role: "status" });
  let turn = 0;
  const lookAtCounts = (asked, mine) =>
    fill(
      counts,
      signal,
      () => api.get(path`links/${link.id}/delegations`, { preview: "true", counts: asked, max: 1 }, signal),
      ({ total, counts: found, counting }) => {
        if (counting.state === "running") {
          setTimeout(() => mine === turn && !signal.aborted && lookAtCounts("true", mine), COUNTING);
        }
        return counted(total, found, counting);
      },
    );
  const count = () => {
    turn += 1;
    return lookAtCounts("anew", turn);
  };
  place.append(
    card(
      null,
      paragraph(text("preview.text")),
      buttons(
        status.access.viewUsers && button(text("preview.count"), count, { glyph: "calculator" }),
        button(text("refresh"), list.reload, { glyph: "sync" }),
      ),
      counts,
      list.place,
    ),
  );
  await list.reload();
}
