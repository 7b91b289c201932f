/** What pages are made of: PatternFly's parts as elements. Every value becomes text; nothing is ever parsed as markup. */

import { moment, number, span, text, word } from "./texts.js";

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

export function link(href, ...content) {
  return el("a", { href }, ...content);
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
  "state.revocation": {
    pending: ["blue", "hourglass-half"],
    delivered: ["green", "check-circle"],
    with_service_account: ["green", "check-circle"],
    kept: ["", "minus-circle"],
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

/** A moment, or a dash. */
export function time(instant) {
  return instant ? el("time", { datetime: instant }, moment(instant)) : "–";
}

const ALERT_SIGNS = {
  info: "info-circle",
  success: "check-circle",
  warning: "exclamation-triangle",
  danger: "exclamation-circle",
};

/** An alert in the page. */
export function alert(kind, title, { body, actions = [], live = false } = {}) {
  return el(
    "div",
    { class: `pf-v5-c-alert pf-m-inline pf-m-${kind}`, role: live && (kind === "danger" ? "alert" : "status") },
    el("div", { class: "pf-v5-c-alert__icon" }, icon(ALERT_SIGNS[kind])),
    el(
      "p",
      { class: "pf-v5-c-alert__title" },
      el("span", { class: "pf-v5-u-screen-reader" }, `${word("alert", kind)} `),
      title,
    ),
    body && el("div", { class: "pf-v5-c-alert__description" }, body),
    actions.length > 0 && el("div", { class: "pf-v5-c-alert__action-group" }, ...actions),
  );
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

/** A table that becomes a list of cards where the screen is narrow. The first column names the row. */
export function table(caption, columns, rows) {
  return el(
    "table",
    { class: "pf-v5-c-table pf-m-grid-md", role: "table", "aria-label": caption },
    el(
      "thead",
      { class: "pf-v5-c-table__thead", role: "rowgroup" },
      el(
        "tr",
        { class: "pf-v5-c-table__tr", role: "row" },
        ...columns.map((column) =>
          column
            ? el("th", { class: "pf-v5-c-table__th", role: "columnheader", scope: "col" }, column)
            : el(
                "th",
                { class: "pf-v5-c-table__th", role: "columnheader", scope: "col" },
                el("span", { class: "pf-v5-u-screen-reader" }, text("actions")),
              ),
        ),
      ),
    ),
    el(
      "tbody",
      { class: "pf-v5-c-table__tbody", role: "rowgroup" },
      ...rows.map((cells) =>
        el(
          "tr",
          { class: "pf-v5-c-table__tr", role: "row" },
          ...cells.map((cell, index) =>
            el(
              index === 0 ? "th" : "td",
              {
                class: `pf-v5-c-table__${index === 0 ? "th" : "td"} ec-cell${columns[index] ? "" : " ec-actions"}`,
                role: index === 0 ? "rowheader" : "cell",
                scope: index === 0 && "row",
                "data-label": columns[index] || text("actions"),
              },
              el("div", { class: "ec-cell-content" }, cell),
            ),
          ),
        ),
      ),
    ),
  );
}

const PAGE_SIZES = [10, 20, 50, 100];
const MOST = 100;

/**
 * Which part of a list is shown. Where the API does not say how many there are, it asks for one more than it shows.
 */
export class Paging {
  constructor(query) {
    const size = Number(query.get("size"));
    this.size = PAGE_SIZES.includes(size) ? size : 20;
    this.first = Math.max(0, Math.trunc(Number(query.get("first"))) || 0);
  }

  /** What to ask for. */
  get asked() {
    return { first: this.first || undefined, max: Math.min(this.size + 1, MOST) };
  }

  /** The part of the answer that is shown. */
  shown(answer) {
    return answer.slice(0, this.size);
  }

  /** The line below (or above) the list: which ones these are, the page's size, back and on. */
  controls(answer, total, go) {
    const shown = this.shown(answer).length;
    const more = total === undefined ? answer.length >= Math.min(this.size + 1, MOST) : this.first + shown < total;
    const range = shown ? span(this.first + 1, this.first + shown) : number(0);
    const step = (name, glyph, possible, first) => {
      const element = el(
        "button",
        {
          type: "button",
          class: "pf-v5-c-button pf-m-plain",
          "aria-label": name,
          disabled: !possible,
          onclick: () => go({ first, size: this.size }),
        },
        icon(glyph),
      );
      return el("div", { class: "pf-v5-c-pagination__nav-control" }, element);
    };
    const sizes = el(
      "select",
      { "aria-label": text("perPage"), onchange: (event) => go({ first: 0, size: Number(event.target.value) }) },
      ...PAGE_SIZES.map((size) => el("option", { value: String(size) }, text("perPage.option", size))),
    );
    sizes.value = String(this.size);
    return el(
      "div",
      { class: "pf-v5-c-pagination ec-pagination" },
      el(
        "div",
        { class: "ec-range" },
        total === undefined ? range : text("rangeOfTotal", range, total),
      ),
      el("span", { class: "pf-v5-c-form-control ec-sizes" }, sizes, selectToggle()),
      el(
        "nav",
        { class: "pf-v5-c-pagination__nav", "aria-label": text("pages") },
        step(text("previousPage"), "angle-left", this.first > 0, Math.max(0, this.first - this.size)),
        step(text("nextPage"), "angle-right", more, this.first + this.size),
      ),
    );
  }
}

/** The little triangle of a select. */
export function selectToggle() {
  return el(
    "span",
    { class: "pf-v5-c-form-control__utilities" },
    el("span", { class: "pf-v5-c-form-control__toggle-icon" }, icon("caret-down")),
  );
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
