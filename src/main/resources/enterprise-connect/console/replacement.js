/** The service account of a link is replaced: how far its members have moved, and what an administrator decides. */

import { alert, failureAlert } from "./alerts.js";
import { path } from "./api.js";
import { confirmed, tell } from "./dialog.js";
import { stateLabel } from "./labels.js";
import { number, text, word } from "./texts.js";
import { button, card, descriptions, el, paragraph, progressBar, time } from "./view.js";

/** How often to look again while something goes on. */
const PAUSE = 5000;

/** A card that keeps itself up to date for as long as the page is there; none where nothing was ever replaced. */
export async function replacementCard(context, link, place) {
  const { api, signal } = context;
  const address = path`links/${link.id}/replacement`;
  const parts = el("div", { class: "ec-stack" });
  const shown = card(text("replacement.title"), paragraph(text("replacement.text")), parts);
  let turn = 0;

  const lookAgain = async () => {
    turn += 1;
    const mine = turn;
    const now = await api.get(address, {}, signal);
    if (signal.aborted || mine !== turn) {
      return;
    }
    if (now.state === "none") {
      shown.remove();
      return;
    }
    parts.replaceChildren(...contents(now, link.access?.manage ? choices(api, address, now, lookAgain, link) : []));
    if (!shown.isConnected) {
      place.append(shown);
    }
    if (now.state !== "finished") {
      lookLater(mine);
    }
  };
  const lookLater = (mine) =>
    setTimeout(() => {
      if (mine === turn && !signal.aborted) {
        // The next look may tell; what is shown may be old by then, and is refused if it is.
        lookAgain().catch(() => lookLater(turn));
      }
    }, PAUSE);
  try {
    await lookAgain();
  } catch (error) {
    if (!signal.aborted) {
      parts.replaceChildren(failureAlert(error, lookAgain));
      place.append(shown);
    }
  }
}

function contents(now, actions) {
  const { state, former, serviceAccount, cancelled, startedAt, endedAt, formerLeft, waitsFor, counts } = now;
  return [
    state === "kept" &&
      alert("warning", text("replacement.kept"), {
        body: counts && paragraph(text("replacement.kept.text", number(counts.concerned))),
      }),
    counts && state !== "finished" && bar(counts),
    descriptions([
      [text("link.state"), stateLabel("state.replacement", state)],
      [text("replacement.former"), el("code", {}, former)],
      [text("replacement.successor"), el("code", {}, serviceAccount)],
      [text("replacement.undone"), cancelled && text("replacement.yes")],
      [text("since"), time(startedAt)],
      [text("backfill.waitsFor"), waitsFor && word("reason", waitsFor)],
      ...(counts && state !== "finished" ? numbers(counts) : []),
      [text("state.replacement.finished"), endedAt && time(endedAt)],
      [text("replacement.left"), formerLeft && text("replacement.yes")],
    ]),
    actions.length > 0 && el("div", { class: "ec-buttons" }, ...actions),
  ].filter(Boolean);
}

function bar({ moved, remaining }) {
  const all = Math.max(1, moved + remaining);
  return progressBar(text("replacement.title"), text("replacement.moved", number(moved), number(moved + remaining)), moved / all);
}

function numbers({ asked, refused, remaining, concerned }) {
  return [
    [text("replacement.remaining"), number(remaining)],
    [text("backfill.awaited"), asked > 0 && number(asked)],
    [text("replacement.refused"), refused > 0 && number(refused)],
    [text("replacement.concerned"), number(concerned)],
  ];
}

function choices(api, address, { state, former, cancelled, counts }, lookAgain, link) {
  const ask = (caption, title, body, run, variant = "secondary") =>
    button(
      caption,
      () =>
        confirmed({
          title,
          body,
          caption,
          run: async () => {
            await run();
            tell(text("replacement.begun"));
            await lookAgain();
          },
        }),
      { variant },
    );
  const open = state === "moving" || state === "kept";
  return [
    open &&
      counts &&
      ask(
        text("replacement.revoke"),
        text("replacement.revoke.question", former),
        text("replacement.revoke.text", number(counts.concerned)),
        () => api.post(`${address}/end`, { former: "revoke", members: counts.concerned }),
      ),
    state === "kept" &&
      ask(
        text("replacement.leave"),
        text("replacement.leave.question", former),
        text("replacement.leave.text"),
        () => api.post(`${address}/end`, { former: "leave" }),
      ),
    open &&
      (!cancelled || link.state === "needs_authorization") &&
      ask(
        text("replacement.cancel"),
        text("replacement.cancel.question", former),
        text("replacement.cancel.text"),
        () => api.delete(address),
        "link",
      ),
  ].filter(Boolean);
}
