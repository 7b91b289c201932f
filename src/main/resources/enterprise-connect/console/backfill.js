/** Connecting all members of a link without a sign-in of theirs: how far it has come, and what has it begin, pause and end. */

import { failureAlert, showing } from "./alerts.js";
import { path } from "./api.js";
import { stateLabel } from "./labels.js";
import { moment, number, text, word } from "./texts.js";
import { button, card, descriptions, el, paragraph, progressBar } from "./view.js";

/** How often to look again while something goes on. */
const PAUSE = 3000;

/** A card that keeps itself up to date for as long as the page is there. */
export async function backfillCard(context, link, place) {
  const { api, signal } = context;
  const manage = link.access?.manage ?? false;
  const address = path`links/${link.id}/backfill`;
  const progress = el("div", { class: "ec-stack" });
  const failures = el("div", {});
  const actions = el("div", { class: "ec-buttons ec-below" });
  const shown = card(text("backfill.title"), paragraph(text("backfill.text")), progress, failures, actions);
  let known;
  let turn = 0;

  const act = (caption, run, look) =>
    button(
      caption,
      showing(failures, async () => {
        await run();
        await lookAgain();
      }),
      look,
    );
  const put = (state) => () => api.put(address, { state });
  const draw = (run) => {
    progress.replaceChildren(...parts(run));
    if (manage && run.state !== known) {
      actions.replaceChildren(...choices(run.state, act, put, () => api.delete(address)));
    }
    known = run.state;
    if (run.state === "none" && !manage) {
      shown.remove();
    } else if (!shown.isConnected) {
      place.append(shown);
    }
  };
  const lookAgain = async () => {
    turn += 1;
    const mine = turn;
    const run = await api.get(address, {}, signal);
    if (signal.aborted || mine !== turn) {
      return;
    }
    draw(run);
    if (run.secondsLeft !== undefined) {
      setTimeout(() => mine === turn && !signal.aborted && lookAgain().catch(() => {}), PAUSE);
    }
  };
  try {
    await lookAgain();
  } catch (error) {
    if (!signal.aborted) {
      progress.replaceChildren(failureAlert(error, lookAgain));
      place.append(shown);
    }
  }
}

function choices(state, act, put, cancel) {
  switch (state) {
    case "running":
      return [act(text("backfill.pause"), put("paused")), act(text("backfill.cancel"), cancel, { variant: "link" })];
    case "paused":
      return [
        act(text("backfill.resume"), put("running"), { variant: "primary" }),
        act(text("backfill.cancel"), cancel, { variant: "link" }),
      ];
    case "none":
      return [act(text("backfill.begin"), put("running"))];
    default:
      return [act(text("backfill.again"), put("running"))];
  }
}

function parts(run) {
  if (run.state === "none") {
    return [];
  }
  const { counts, secondsLeft, waitsFor, nextAt } = run;
  return [
    counts?.total > 0 && bar(counts),
    descriptions([
      [text("link.state"), stateLabel("state.backfill", run.state)],
      [text("backfill.waitsFor"), waitsFor && word("reason", waitsFor)],
      [text("backfill.left"), secondsLeft !== undefined && left(secondsLeft)],
      [text("backfill.next"), nextAt && moment(nextAt)],
      ...(counts ? outcomes(counts) : []),
    ]),
  ].filter(Boolean);
}

function bar({ looked, total }) {
  return progressBar(text("backfill.title"), text("backfill.looked", looked, Math.max(looked, total)), looked / total);
}

function outcomes({ asked, awaited, granted, refused, revoked, passedOver }) {
  return [
    [text("backfill.asked"), number(asked)],
    [text("backfill.granted"), number(granted)],
    [text("backfill.awaited"), awaited > 0 && number(awaited)],
    [text("backfill.refused"), refused > 0 && number(refused)],
    [text("backfill.revoked"), revoked > 0 && number(revoked)],
    ...Object.entries(passedOver).map(([reason, many]) => [text("backfill.passedOver", why(reason)), number(many)]),
  ];
}

function why(reason) {
  const own = word("backfill.passed", reason);
  return own === reason ? word("reason", reason) : own;
}

function left(seconds) {
  return seconds < 60 ? text("backfill.left.soon") : text("backfill.left.minutes", Math.ceil(seconds / 60));
}
