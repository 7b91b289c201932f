/** One member: connected or not, why, and what happened. */

import { alert, fill } from "./alerts.js";
import { path } from "./api.js";
import { confirmed, tell, telling } from "./dialog.js";
import { toggle } from "./form.js";
import { label, stateLabel } from "./labels.js";
import * as links from "./links.js";
import { table } from "./lists.js";
import { connect, disconnect, why } from "./members.js";
import { number, text, word } from "./texts.js";
import { button, card, descriptions, el, icon, linkButton, paragraph, time } from "./view.js";

/** When to look again at what happens behind an answer; then it is the reader's turn. */
const LOOK_AGAIN = [1000, 2000, 4000, 8000, 15000];

export async function show(context) {
  await look(context, 0, false);
}

/** Shows the member, and again later while something is going on: an ask takes a moment to be told. */
async function look(context, attempt, expecting) {
  const { api, segments, signal, status } = context;
  const user = segments.at(-1);
  const linkId = segments[0] === "organizations" ? segments[1] : undefined;
  const crumbs = (link) => [
    ...links.crumbs(status),
    ...(link ? [[path`#/organizations/${link.id}`, link.name], [path`#/organizations/${link.id}/members`, text("tab.members")]] : []),
  ];
  const loading = context.open({ title: text("tab.members"), crumbs: crumbs() });
  await fill(
    loading,
    signal,
    async () => {
      const member = await api.get(path`users/${user}`, {}, signal);
      const id = linkId ?? member.link;
      const [account, link] = await Promise.all([
        // The names are a courtesy: whoever may not see them still sees the member.
        api.keycloak(path`users/${user}`, signal).catch(() => ({})),
        id ? api.get(path`links/${id}`, {}, signal).catch(() => undefined) : undefined,
      ]);
      return { member, account, link };
    },
    ({ member, account, link }) => {
      const name = account.username ?? member.mailbox ?? user;
      const body = context.open({
        title: name,
        crumbs: crumbs(link),
        labels: [stateLabel("state.delegation", member.state), member.optedOut && label(text("member.optedOut"), "orange")].filter(Boolean),
      });
      body.classList.add("ec-stack");
      const again = (awaited) => look(context, 0, awaited === true);
      body.append(standing(context, user, name, account, member, again));
      if (member.foundName) {
        body.append(foundNameCard(context, user, name, member, again));
      }
      if (member.access.manage) {
        body.append(optOutCard(context, user, name, member, link, again));
      }
      body.append(...member.gate.map((trace) => gateCard(trace, link)), usesCard(member), historyCard(member));
      const going = member.state === "asked" || (expecting && member.state !== "granted");
      if (going && attempt < LOOK_AGAIN.length) {
        const later = setTimeout(() => look(context, attempt + 1, expecting), LOOK_AGAIN[attempt]);
        signal.addEventListener("abort", () => clearTimeout(later));
      }
      return [];
    },
  );
}

function standing(context, user, name, account, member, again) {
  const { manage } = member.access;
  const reason = why(member);
  const fullName = [account.firstName, account.lastName].filter(Boolean).join(" ");
  return card(
    text("member.standing"),
    descriptions([
      [text("link.state"), stateLabel("state.delegation", member.state)],
      [text("members.why"), reason.length > 0 && reason],
      [text("member.name"), fullName || undefined],
      [text("members.mailbox"), member.mailbox],
      [text("member.scope"), member.scope && el("code", {}, member.scope)],
      [
        text("overview.missing"),
        member.missingScopes && [el("code", {}, member.missingScopes.join(" ")), paragraph(text("member.missing.help"))],
      ],
      [text("member.profile"), member.profileSeenAt && [paragraph(profile(member)), time(member.profileSeenAt)]],
      [
        member.state === "granted" ? text("member.since") : text("member.lastGranted"),
        member.grantedAt && time(member.grantedAt),
      ],
      [text("member.askedAt"), member.askedAt && time(member.askedAt)],
      [text("members.attempts"), member.attempts > 0 && number(member.attempts)],
      [text("members.nextAttempt"), member.nextAttemptAt && time(member.nextAttemptAt)],
    ]),
    el(
      "div",
      { class: "ec-buttons ec-below" },
      manage &&
        member.state !== "granted" &&
        button(
          text("members.connect"),
          telling(async () => {
            await connect(context, user, name);
            await again(true);
          }),
          { variant: "primary" },
        ),
      manage &&
        ["granted", "asked"].includes(member.state) &&
        button(text("members.revoke"), () => disconnect(context, user, name, again), { variant: "danger" }),
      button(text("refresh"), again, { glyph: "sync" }),
      linkButton(context.stock(path`users/${user}/settings`), text("member.stock"), { variant: "link", outward: true }),
    ),
  );
}

/** The name that Cronofy has answered with: it is the member's only if somebody who may say so does. */
function foundNameCard(context, user, name, { foundName }, again) {
  return card(
    text("foundName.title"),
    paragraph(text("foundName.text", foundName)),
    context.status.access.manageRealm &&
      button(text("foundName.adopt"), () =>
        confirmed({
          title: text("foundName.confirm", name),
          body: text("foundName.confirm.text", foundName),
          caption: text("foundName.adopt"),
          run: async () => {
            await context.api.put(path`users/${user}/calendar-name`, { adopt: true, name: foundName });
            tell(text("foundName.adopted", name));
            await again(true);
          },
        }),
      ),
  );
}

/** How the calendar stood at Cronofy when somebody looked last. */
function profile({ profileConnected, profileInitialSyncRequired }) {
  if (profileConnected === false) {
    return text("member.profile.disconnected");
  }
  if (profileInitialSyncRequired) {
    return text("member.profile.syncing");
  }
  return profileConnected === true ? text("member.profile.connected") : text("member.profile.read");
}

function optOutCard(context, user, name, member, link, again) {
  const permitted = link?.policy.optOut ?? true;
  return card(
    text("optOut.title"),
    paragraph(permitted || member.optedOut ? text("optOut.text") : text("optOut.notPermitted")),
    toggle(text("optOut.switch"), {
      checked: member.optedOut,
      disabled: !permitted && !member.optedOut,
      onchange: telling(async (out, control) => {
        const place = path`users/${user}/opt-out`;
        try {
          await (out ? context.api.put(place) : context.api.delete(place));
        } catch (error) {
          control.checked = !out;
          throw error;
        }
        tell(out ? text("optOut.out", name) : text("optOut.in", name));
        await again();
      }),
    }),
  );
}

/** Every check in its order: passed, failed, not readable now, or not come to. */
function gateCard(trace, link) {
  const heading = link && trace.link === link.id ? text("gate.titleOf", link.name) : text("gate.title");
  return card(
    heading,
    trace.allowed
      ? alert("success", text("gate.allowed"))
      : alert("warning", trace.withheld ? text("gate.withheld") : text("gate.refused"), {
          body: paragraph(word("reason", trace.reason)),
        }),
    el(
      "ol",
      { class: "ec-checks", role: "list" },
      ...trace.checks.map(({ check, passed, unreadable }) =>
        el(
          "li",
          { class: passed ? "ec-passed" : "ec-failed" },
          icon(passed ? "check-circle" : unreadable ? "question-circle" : "times-circle"),
          el(
            "span",
            { class: "pf-v5-u-screen-reader" },
            passed ? text("gate.passed") : unreadable ? text("gate.unreadable") : text("gate.failed"),
          ),
          el("span", {}, word("check", check)),
        ),
      ),
    ),
  );
}

function usesCard({ uses }) {
  return card(
    text("uses.title"),
    uses.length
      ? table(
          text("uses.title"),
          [text("consumers.clientId"), text("uses.right"), text("uses.lastAt"), text("uses.actor")],
          uses.map(({ clientId, right, lastAt, actor, actedAt }) => [
            clientId,
            word("right", right),
            time(lastAt),
            actor ? el("span", {}, `${actor}, `, time(actedAt)) : "–",
          ]),
        )
      : paragraph(text("uses.none")),
  );
}

function historyCard({ history }) {
  return card(
    text("history.title"),
    history.length
      ? table(
          text("history.title"),
          [text("history.at"), text("link.state"), text("members.why")],
          history.map(({ at, state, reason }) => [
            time(at),
            stateLabel("state.delegation", state),
            reason ? word("reason", reason) : "–",
          ]),
        )
      : paragraph(text("history.none")),
  );
}
