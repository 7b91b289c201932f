/** Dialogs and passing messages. A dialog keeps the focus while it is open and gives it back; Escape closes it. */

import { text, word } from "./texts.js";
import { button, el, failureAlert, icon, paragraph, signInAgain, uniqueId } from "./view.js";

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
    el(
      "div",
      { class: "pf-v5-c-modal-box__close" },
      el(
        "button",
        { type: "button", class: "pf-v5-c-button pf-m-plain", "aria-label": text("close"), onclick: close },
        icon("times"),
      ),
    ),
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
          async () => {
            failures.replaceChildren();
            try {
              if ((await run(close)) !== false) {
                close();
              }
            } catch (error) {
              failures.replaceChildren(failureAlert(error));
            }
          },
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
  show("success", title);
}

/** Tells what went wrong; stays until it is closed. */
export function tellFailure(error) {
  show("danger", word("failure", error.kind ?? "failed"), error.detail, error.kind === "expired" && signInAgain());
}

function show(kind, title, detail, action) {
  const item = el(
    "li",
    { class: "pf-v5-c-alert-group__item" },
    el(
      "div",
      { class: `pf-v5-c-alert pf-m-${kind}` },
      el(
        "div",
        { class: "pf-v5-c-alert__icon" },
        icon(kind === "success" ? "check-circle" : "exclamation-circle"),
      ),
      el(
        "p",
        { class: "pf-v5-c-alert__title" },
        el("span", { class: "pf-v5-u-screen-reader" }, `${word("alert", kind)} `),
        title,
      ),
      el(
        "div",
        { class: "pf-v5-c-alert__action" },
        el(
          "button",
          { type: "button", class: "pf-v5-c-button pf-m-plain", "aria-label": text("close"), onclick: () => item.remove() },
          icon("times"),
        ),
      ),
      detail && el("div", { class: "pf-v5-c-alert__description" }, paragraph(detail)),
      action && el("div", { class: "pf-v5-c-alert__action-group" }, action),
    ),
  );
  group.prepend(item);
  if (kind === "success") {
    setTimeout(() => item.remove(), 8000);
  }
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
