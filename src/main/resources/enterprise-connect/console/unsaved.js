/** What was typed and is not saved yet, and the question before it is lost. */

import { asked } from "./dialog.js";
import { text } from "./texts.js";

const NOTHING = () => false;

let dirty = NOTHING;

/** From now on, `check` says whether something would be lost. */
export function guard(check) {
  dirty = check;
}

/** Whether something would be lost if the page were left or shown anew. */
export function isDirty() {
  return dirty();
}

export function forget() {
  dirty = NOTHING;
}

/** Asks whether it may be lost. */
export function mayBeLost() {
  return asked({
    title: text("unsaved.title"),
    body: text("unsaved.text"),
    caption: text("unsaved.leave"),
    cancel: text("unsaved.stay"),
  });
}
