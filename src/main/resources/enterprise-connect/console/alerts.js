/** Alerts, and places that show an answer of the server or, in an alert, why there is none. */

import { text, word } from "./texts.js";
import { button, el, icon, iconButton, paragraph, spinner } from "./view.js";

const SIGNS = {
  info: "info-circle",
  success: "check-circle",
  warning: "exclamation-triangle",
  danger: "exclamation-circle",
};

/** An alert in the page; with `close`, one that floats above it until it is closed. */
export function alert(kind, title, { body, actions = [], live = false, close } = {}) {
  return el(
    "div",
    { class: `pf-v5-c-alert${close ? "" : " pf-m-inline"} pf-m-${kind}`, role: live && (kind === "danger" ? "alert" : "status") },
    el("div", { class: "pf-v5-c-alert__icon" }, icon(SIGNS[kind])),
    el(
      "p",
      { class: "pf-v5-c-alert__title" },
      el("span", { class: "pf-v5-u-screen-reader" }, `${word("alert", kind)} `),
      title,
    ),
    close && el("div", { class: "pf-v5-c-alert__action" }, iconButton(text("close"), "times", close)),
    body && el("div", { class: "pf-v5-c-alert__description" }, body),
    actions.length > 0 && el("div", { class: "pf-v5-c-alert__action-group" }, ...actions),
  );
}

/** What the realm's status warns of; of a warning that is newer than this page, the server's own words. */
export function warningAlerts({ warnings }) {
  return warnings.map(({ code, message, names = [] }) => {
    const explained = word("warning.text", code);
    return alert("warning", word("warning", code), {
      body: [paragraph(explained === code ? message : explained), ...names.map((name) => el("p", {}, el("code", {}, name)))],
    });
  });
}

/** What went wrong: a headline in the reader's language, and what the server said. */
export function failureAlert(error, again) {
  const expired = error.kind === "expired";
  const body = [error.detail && paragraph(error.detail), expired && !again && paragraph(text("signIn.again.text"))].filter(Boolean);
  return alert("danger", failureTitle(error), {
    body: body.length > 0 && body,
    actions: [again && button(text("tryAgain"), again, { variant: "link" }), expired && signInAgain()].filter(Boolean),
    live: true,
  });
}

/** Leaves to sign in and comes back to the same place. Nobody is taken there unasked while something typed could be lost. */
export function signInAgain() {
  return button(text("signIn.again"), () => document.dispatchEvent(new CustomEvent("sign-in")), { variant: "link" });
}

export function failureTitle(error) {
  return word("failure", error.kind ?? "failed");
}

/** Makes an act show its failure in a place. What the place showed before goes. */
export function showing(place, act) {
  return async (...values) => {
    place.replaceChildren();
    try {
      await act(...values);
    } catch (error) {
      place.replaceChildren(failureAlert(error));
    }
  };
}

/**
 * Fills a place with what an answer shows: a spinner meanwhile, the failure with a way to try again if it comes to that.
 * When the place is filled anew before the answer is there, or the page is left, the answer is dropped.
 */
export async function fill(place, signal, ask, show) {
  const turn = {};
  place.turn = turn;
  const stale = () => signal.aborted || place.turn !== turn;
  place.setAttribute("aria-busy", "true");
  const waiting = setTimeout(
    () => {
      if (!stale()) {
        place.replaceChildren(el("div", { class: "ec-waiting" }, spinner()));
      }
    },
    place.childElementCount ? 700 : 150,
  );
  try {
    const answer = await ask();
    if (!stale()) {
      place.replaceChildren(...[await show(answer)].flat(Infinity).filter(Boolean));
    }
  } catch (error) {
    if (stale()) {
      return;
    }
    if (error.kind === undefined) {
      // Not an answer of the server but a fault of this page: whoever looks into it needs more than the alert.
      console.error(error);
    }
    place.dispatchEvent(new CustomEvent("failure", { bubbles: true, detail: error }));
    place.replaceChildren(failureAlert(error, () => fill(place, signal, ask, show)));
  } finally {
    clearTimeout(waiting);
    if (!stale()) {
      place.removeAttribute("aria-busy");
    }
  }
}
