/** What pages are made of: PatternFly's parts as elements. Every value becomes text; nothing is ever parsed as markup. */

import { moment, text } from "./texts.js";

/** An element with attributes, listeners (`onclick`) and children. Attributes that are null or false are left out. */
export function el(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) {
      continue;
    }
    if (key.startsWith("on")) {
      element.addEventListener(key.slice(2), value);
    } else if (key === "value" || key === "checked") {
      element[key] = value;
    } else {
      element.setAttribute(key, value === true ? "" : value);
    }
  }
  element.append(...children.flat(Infinity).filter((child) => child !== undefined && child !== null && child !== false));
  return element;
}

let serial = 0;

/** An id that no other element has. */
export function uniqueId(prefix) {
  serial += 1;
  return `${prefix}-${serial}`;
}

export function icon(name) {
  return el("i", { class: `fas fa-${name}`, "aria-hidden": "true" });
}

export function paragraph(...content) {
  return el("p", { class: "ec-text" }, ...content);
}

/** A link that leaves the page, in a tab of its own. */
export function outwardLink(href, ...content) {
  return el(
    "a",
    { href, target: "_blank", rel: "noopener noreferrer" },
    ...content,
    " ",
    icon("external-link-alt"),
    el("span", { class: "pf-v5-u-screen-reader" }, ` (${text("newTab")})`),
  );
}

/**
 * A button that works once at a time: while what it started goes on it spins, and a second click does nothing.
 */
export function button(caption, act, { variant = "secondary", small = false, about, glyph } = {}) {
  let busy = false;
  const element = el(
    "button",
    {
      type: "button",
      class: `pf-v5-c-button pf-m-${variant}${small ? " pf-m-small" : ""}`,
      onclick: async (event) => {
        event.preventDefault();
        if (busy) {
          return;
        }
        busy = true;
        element.setAttribute("aria-disabled", "true");
        const spinning = setTimeout(() => {
          element.classList.add("pf-m-progress", "pf-m-in-progress");
          element.prepend(el("span", { class: "pf-v5-c-button__progress" }, spinner("md")));
        }, 300);
        try {
          await act(event);
        } finally {
          clearTimeout(spinning);
          busy = false;
          element.removeAttribute("aria-disabled");
          element.classList.remove("pf-m-progress", "pf-m-in-progress");
          element.querySelector(".pf-v5-c-button__progress")?.remove();
        }
      },
    },
    glyph && el("span", { class: "pf-v5-c-button__icon pf-m-start" }, icon(glyph)),
    caption,
    concerning(about),
  );
  return element;
}

/** A button that is a sign alone; the caption is heard. */
export function iconButton(caption, glyph, onclick, attributes = {}) {
  return el(
    "button",
    { type: "button", class: "pf-v5-c-button pf-m-plain", "aria-label": caption, onclick, ...attributes },
    icon(glyph),
  );
}

/** Tells those who hear one button at a time which row it is about. */
function concerning(about) {
  return about && el("span", { class: "pf-v5-u-screen-reader" }, ` ${about}`);
}

/** A link that looks like a button. */
export function linkButton(href, caption, { variant = "secondary", small = false, outward = false, about } = {}) {
  return el(
    "a",
    {
      href,
      class: `pf-v5-c-button pf-m-${variant}${small ? " pf-m-small" : ""}`,
      target: outward && "_blank",
      rel: outward && "noopener noreferrer",
    },
    caption,
    concerning(about),
    outward && el("span", { class: "pf-v5-c-button__icon pf-m-end" }, icon("external-link-alt")),
  );
}

export function spinner(size = "lg") {
  const drawing = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  drawing.setAttribute("class", `pf-v5-c-spinner pf-m-${size}`);
  drawing.setAttribute("viewBox", "0 0 100 100");
  drawing.setAttribute("role", "progressbar");
  drawing.setAttribute("aria-label", text("loading"));
  const circle = document.createElementNS("http://www.w3.org/2000/svg", "circle");
  circle.setAttribute("class", "pf-v5-c-spinner__path");
  circle.setAttribute("cx", "50");
  circle.setAttribute("cy", "50");
  circle.setAttribute("r", "45");
  circle.setAttribute("fill", "none");
  drawing.append(circle);
  return drawing;
}

/** A moment, or a dash. */
export function time(instant) {
  return instant ? el("time", { datetime: instant }, moment(instant)) : "–";
}

/** What to show in place of an empty list, and what to do about it. */
export function emptyState(title, { body, actions = [], glyph = "search", level = "h2" } = {}) {
  return el(
    "div",
    { class: "pf-v5-c-empty-state" },
    el(
      "div",
      { class: "pf-v5-c-empty-state__content" },
      el(
        "div",
        { class: "pf-v5-c-empty-state__header" },
        el("div", { class: "pf-v5-c-empty-state__icon" }, icon(glyph)),
        el(
          "div",
          { class: "pf-v5-c-empty-state__title" },
          el(level, { class: "pf-v5-c-empty-state__title-text", tabindex: level === "h1" && "-1" }, title),
        ),
      ),
      body && el("div", { class: "pf-v5-c-empty-state__body" }, body),
      actions.length > 0 &&
        el(
          "div",
          { class: "pf-v5-c-empty-state__footer" },
          el("div", { class: "pf-v5-c-empty-state__actions ec-buttons" }, ...actions),
        ),
    ),
  );
}

/** Terms with what they are; those without a description are left out. */
export function descriptions(entries) {
  return el(
    "dl",
    { class: "pf-v5-c-description-list pf-m-horizontal-on-md" },
    ...entries
      .filter(([, description]) => description !== undefined && description !== null && description !== false)
      .map(([term, description]) =>
        el(
          "div",
          { class: "pf-v5-c-description-list__group" },
          el(
            "dt",
            { class: "pf-v5-c-description-list__term" },
            el("span", { class: "pf-v5-c-description-list__text" }, term),
          ),
          el(
            "dd",
            { class: "pf-v5-c-description-list__description" },
            el("div", { class: "pf-v5-c-description-list__text" }, description),
          ),
        ),
      ),
  );
}

export function progressBar(label, description, share) {
  const part = Math.min(100, Math.floor(100 * share));
  const indicator = el("div", { class: "pf-v5-c-progress__indicator" });
  indicator.style.inlineSize = `${part}%`;
  return el(
    "div",
    { class: "pf-v5-c-progress pf-m-outside" },
    el("div", { class: "pf-v5-c-progress__description" }, description),
    el(
      "div",
      {
        class: "pf-v5-c-progress__bar",
        role: "progressbar",
        "aria-label": label,
        "aria-valuemin": "0",
        "aria-valuemax": "100",
        "aria-valuenow": String(part),
      },
      indicator,
    ),
  );
}

export function card(title, ...body) {
  return el(
    "section",
    { class: "pf-v5-c-card ec-card" },
    title &&
      el(
        "div",
        { class: "pf-v5-c-card__title" },
        el("h2", { class: "pf-v5-c-card__title-text" }, title),
      ),
    el("div", { class: "pf-v5-c-card__body" }, ...body),
  );
}

/** Buttons in a row, that wraps. */
export function buttons(...content) {
  return el("div", { class: "ec-buttons" }, ...content);
}

/** A line of filters and actions above a list. */
export function toolbar(...items) {
  return el("div", { class: "ec-toolbar" }, ...items);
}
