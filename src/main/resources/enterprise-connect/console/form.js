/** Controls with their labels and help, as PatternFly draws them. */

import { el, icon, uniqueId } from "./view.js";

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
  return el(
    "span",
    { class: `pf-v5-c-form-control${disabled ? " pf-m-disabled" : ""}` },
    element,
    el(
      "span",
      { class: "pf-v5-c-form-control__utilities" },
      el("span", { class: "pf-v5-c-form-control__toggle-icon" }, icon("caret-down")),
    ),
  );
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

/** Controls one below the other, as part of a form. */
export function fields(...controls) {
  return el("div", { class: "pf-v5-c-form" }, ...controls);
}

/** A form; Enter in a field does what the first button does. */
export function form(content, submit) {
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
    ...content,
  );
}
