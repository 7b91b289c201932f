/** Dialogs and passing messages. A dialog keeps the focus while it is open and gives it back; Escape closes it. */

import { alert, failureTitle, showing, signInAgain } from "./alerts.js";
import { text } from "./texts.js";
import { button, el, icon, iconButton, paragraph, uniqueId } from "./view.js";

/**
 * Opens a dialog. Each action has a caption and `run`; the dialog closes when that succeeds, unless it answers `false`.
 * A failure is shown in the dialog, with everything that was typed still there.
 */
export function openDialog({ title, body, actions = [], danger = false, cancel = text("cancel"), onclose }) {
  const titleId = uniqueId("dialog");
  const failures = el("div", { class: "ec-failures" });
  const close = () => dialog.close();
  const dialog = el(
    "dialog",
    {
      class: `pf-v5-c-modal-box pf-m-sm ec-dialog${danger ? " pf-m-danger" : ""}`,
      "aria-labelledby": titleId,
      onclose: () => {
        dialog.remove();
        onclose?.();
      },
    },
    el("div", { class: "pf-v5-c-modal-box__close" }, iconButton(text("close"), "times", close)),
    el(
      "header",
      { class: "pf-v5-c-modal-box__header" },
      el(
        "h1",
        { class: "pf-v5-c-modal-box__title", id: titleId },
        danger && el("span", { class: "pf-v5-c-modal-box__title-icon" }, icon("exclamation-triangle")),
        el("span", { class: "pf-v5-c-modal-box__title-text" }, title),
      ),
    ),
    el("div", { class: "pf-v5-c-modal-box__body" }, body, failures),
    el(
      "footer",
      { class: "pf-v5-c-modal-box__footer ec-buttons" },
      ...actions.map(({ caption, variant = danger ? "danger" : "primary", run }) =>
        button(
          caption,
          showing(failures, async () => {
            if ((await run(close)) !== false) {
              close();
            }
          }),
          { variant },
        ),
      ),
      el("button", { type: "button", class: `pf-v5-c-button pf-m-${actions.length ? "link" : "secondary"}`, onclick: close }, cancel),
    ),
  );
  document.body.append(dialog);
  dialog.showModal();
  return { close, element: dialog };
}

/** Asks before something is done that cannot simply be undone. */
export function confirmed({ title, body, caption, run }) {
  openDialog({ title, body: [body].flat().map(asParagraph), danger: true, actions: [{ caption, run }] });
}

/** Asks a question with two answers, and answers whether it was the first. */
export function asked({ title, body, caption, cancel }) {
  return new Promise((answer) => {
    let yes = false;
    openDialog({
      title,
      body: paragraph(body),
      cancel,
      actions: [
        {
          caption,
          variant: "danger",
          run: () => {
            yes = true;
          },
        },
      ],
      onclose: () => answer(yes),
    });
  });
}

function asParagraph(content) {
  return typeof content === "string" ? paragraph(content) : content;
}

let group = null;

/** The place of passing messages, which screen readers listen to from the start. */
export function messages() {
  group = el("ul", { class: "pf-v5-c-alert-group pf-m-toast", role: "list", "aria-live": "polite", "aria-atomic": "false" });
  return group;
}

/** Tells that something has been done; goes away by itself. */
export function tell(title) {
  const item = show("success", title);
  setTimeout(() => item.remove(), 8000);
}

/** Tells what went wrong; stays until it is closed. */
export function tellFailure(error) {
  show("danger", failureTitle(error), {
    body: error.detail && paragraph(error.detail),
    actions: error.kind === "expired" ? [signInAgain()] : [],
  });
}

function show(kind, title, content = {}) {
  const close = () => item.remove();
  const item = el("li", { class: "pf-v5-c-alert-group__item" }, alert(kind, title, { ...content, close }));
  group.prepend(item);
  return item;
}

/** Makes an act tell its failure in a passing message. */
export function telling(act) {
  return async (...values) => {
    try {
      await act(...values);
    } catch (error) {
      tellFailure(error);
    }
  };
}
