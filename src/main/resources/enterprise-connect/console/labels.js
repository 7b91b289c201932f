/** Labels: a state in one word. */

import { text, word } from "./texts.js";
import { el, icon } from "./view.js";

/** A state in words, with a colour and a sign besides. */
export function label(caption, color = "", glyph) {
  return el(
    "span",
    { class: `pf-v5-c-label${color ? ` pf-m-${color}` : ""}` },
    el(
      "span",
      { class: "pf-v5-c-label__content" },
      glyph && el("span", { class: "pf-v5-c-label__icon" }, icon(glyph)),
      el("span", { class: "pf-v5-c-label__text" }, caption),
    ),
  );
}

const LOOKS = {
  "state.link": {
    unlinked: ["", "unlink"],
    awaiting_approval: ["gold", "hourglass-half"],
    active: ["green", "check-circle"],
    needs_authorization: ["red", "exclamation-circle"],
  },
  "state.delegation": {
    none: ["", "minus-circle"],
    asked: ["blue", "hourglass-half"],
    granted: ["green", "check-circle"],
    refused: ["red", "exclamation-circle"],
    revoked: ["", "ban"],
  },
  "state.backfill": {
    running: ["blue", "hourglass-half"],
    paused: ["gold", "pause-circle"],
    finished: ["green", "check-circle"],
    cancelled: ["", "ban"],
  },
  "state.verification": {
    none: ["", "minus-circle"],
    pending: ["blue", "hourglass-half"],
    proven: ["green", "check-circle"],
    failed: ["red", "exclamation-circle"],
  },
  "state.replacement": {
    moving: ["blue", "hourglass-half"],
    kept: ["gold", "pause-circle"],
    checking: ["blue", "hourglass-half"],
    finished: ["green", "check-circle"],
  },
  "state.revocation": {
    pending: ["blue", "hourglass-half"],
    delivered: ["green", "check-circle"],
    with_service_account: ["green", "check-circle"],
    kept: ["", "minus-circle"],
    undeliverable: ["red", "exclamation-circle"],
  },
  "state.notification": {
    pending: ["blue", "hourglass-half"],
    undeliverable: ["red", "exclamation-circle"],
  },
  "state.invitation": {
    open: ["blue", "hourglass-half"],
    used: ["green", "check-circle"],
    withdrawn: ["", "ban"],
    expired: ["", "clock"],
  },
};

/** The label of one of the API's states. */
export function stateLabel(family, id) {
  const [color, glyph] = LOOKS[family][id] ?? ["", "question-circle"];
  return label(word(family, id), color, glyph);
}

export function suspendedLabel() {
  return label(text("suspended"), "orange", "pause-circle");
}
