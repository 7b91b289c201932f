/** Controls with their labels and help, as PatternFly draws them. */

import { text } from "./texts.js";
import { button, el, icon, selectToggle, uniqueId } from "./view.js";
import { tell } from "./dialog.js";

const TYPING = 400;

/** A labelled control, with help below it that is read with it. */
export function field(caption, control, { help, required = false } = {}) {
  const input = control.matches("input, select, textarea") ? control : control.querySelector("input, select, textarea");
  input.id ||= uniqueId("field");
  const helpId = help && uniqueId("help");
  if (help) {
    input.setAttribute("aria-describedby", helpId);
  }
  return el(
    "div",
    { class: "pf-v5-c-form__group" },
    el(
      "div",
      { class: "pf-v5-c-form__group-label" },
      el(
        "label",
        { class: "pf-v5-c-form__label", for: input.id },
        el("span", { class: "pf-v5-c-form__label-text" }, caption),
        required && el("span", { class: "pf-v5-c-form__label-required", "aria-hidden": "true" }, " *"),
      ),
    ),
    el("div", { class: "pf-v5-c-form__group-control" }, control, help && helper(helpId, help)),
  );
}

function helper(id, help) {
  return el(
    "div",
    { class: "pf-v5-c-form__helper-text", id },
    el(
      "div",
      { class: "pf-v5-c-helper-text" },
      el(
        "div",
        { class: "pf-v5-c-helper-text__item" },
        el("span", { class: "pf-v5-c-helper-text__item-text" }, help),
      ),
    ),
  );
}

/** Several controls under one heading. */
export function group(caption, controls, help) {
  const helpId = help && uniqueId("help");
  return el(
    "fieldset",
    { class: "pf-v5-c-form__group ec-fieldset", "aria-describedby": helpId },
    el(
      "legend",
      { class: "pf-v5-c-form__label" },
      el("span", { class: "pf-v5-c-form__label-text" }, caption),
    ),
    el("div", { class: "pf-v5-c-form__group-control pf-m-stack ec-stack" }, ...controls, help && helper(helpId, help)),
  );
}

export function input({ value = "", type = "text", readonly = false, required = false, autocomplete = "off", onchange, ...more } = {}) {
  return el(
    "span",
    { class: `pf-v5-c-form-control${readonly ? " pf-m-readonly" : ""}` },
    el("input", {
      type,
      value,
      readonly,
      required,
      autocomplete,
      spellcheck: "false",
      oninput: (event) => onchange?.(event.target.value),
      ...more,
    }),
  );
}

/** Searches while one types, and at once on Enter. */
export function searchBox(caption, value, search) {
  let waiting;
  let last = value;
  const submit = () => {
    clearTimeout(waiting);
    if (control.value.trim() !== last) {
      last = control.value.trim();
      search(last);
    }
  };
  const wrapped = input({
    type: "search",
    value,
    "aria-label": caption,
    placeholder: caption,
    onchange: () => {
      clearTimeout(waiting);
      waiting = setTimeout(submit, TYPING);
    },
  });
  const control = wrapped.querySelector("input");
  return el(
    "form",
    {
      role: "search",
      class: "ec-search",
      onsubmit: (event) => {
        event.preventDefault();
        submit();
      },
    },
    wrapped,
    el("button", { type: "submit", class: "pf-v5-c-button pf-m-control", "aria-label": text("search") }, icon("search")),
  );
}

export function area({ value = "", readonly = false, rows = 3, onchange } = {}) {
  return el(
    "span",
    { class: `pf-v5-c-form-control pf-m-textarea pf-m-resize-vertical${readonly ? " pf-m-readonly" : ""}` },
    el("textarea", {
      rows,
      value,
      readonly,
      spellcheck: "false",
      oninput: (event) => onchange?.(event.target.value),
    }),
  );
}

/** A choice out of `[value, caption]`. */
export function select(options, { value, disabled = false, onchange, ...more } = {}) {
  const element = el(
    "select",
    { disabled, onchange: (event) => onchange?.(event.target.value), ...more },
    ...options.map(([option, caption]) => el("option", { value: option }, caption)),
  );
  element.value = value ?? options[0][0];
  return el("span", { class: `pf-v5-c-form-control${disabled ? " pf-m-disabled" : ""}` }, element, selectToggle());
}

/** A switch that says in words what it is about. */
export function toggle(caption, { checked = false, disabled = false, onchange } = {}) {
  const id = uniqueId("switch");
  return el(
    "label",
    { class: "pf-v5-c-switch", for: id },
    el("input", {
      class: "pf-v5-c-switch__input",
      type: "checkbox",
      role: "switch",
      id,
      checked,
      disabled,
      onchange: (event) => onchange?.(event.target.checked, event.target),
    }),
    el("span", { class: "pf-v5-c-switch__toggle" }, el("span", { class: "pf-v5-c-switch__toggle-icon" }, icon("check"))),
    el("span", { class: "pf-v5-c-switch__label" }, caption),
  );
}

export function check(caption, { checked = false, disabled = false, help, type = "checkbox", name, onchange } = {}) {
  const id = uniqueId(type);
  const helpId = help && uniqueId("help");
  const kind = type === "radio" ? "radio" : "check";
  return el(
    "div",
    { class: `pf-v5-c-${kind}` },
    el("input", {
      class: `pf-v5-c-${kind}__input`,
      type,
      id,
      name,
      checked,
      disabled,
      "aria-describedby": helpId,
      onchange: (event) => onchange?.(event.target.checked),
    }),
    el("label", { class: `pf-v5-c-${kind}__label`, for: id }, caption),
    help && el("span", { class: `pf-v5-c-${kind}__description`, id: helpId }, help),
  );
}

/** A form; Enter in a field does what the first button does. */
export function form(fields, submit) {
  return el(
    "form",
    {
      class: "pf-v5-c-form ec-form",
      novalidate: true,
      onsubmit: (event) => {
        event.preventDefault();
        submit?.();
      },
    },
    ...fields,
  );
}

/** A secret or long address to be taken along. */
export function copyable(caption, value) {
  const control = input({ value, readonly: true, onfocus: (event) => event.target.select() });
  return el(
    "div",
    { class: "ec-copy" },
    field(caption, control),
    button(
      text("copy"),
      async () => {
        try {
          await navigator.clipboard.writeText(value);
          tell(text("copied"));
        } catch {
          // Without permission: selected, for the keyboard.
          control.querySelector("input").select();
        }
      },
      { glyph: "copy" },
    ),
  );
}
