/** Lists: a table that is shown one part at a time, the search and the filter above it, and the controls below it. */

import { fill } from "./alerts.js";
import { input, select } from "./form.js";
import { number, span, text, word } from "./texts.js";
import { el, icon, iconButton } from "./view.js";

const TYPING = 400;
const PAGE_SIZES = [10, 20, 50, 100];
const MOST = 100;

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
          el(
            "th",
            { class: "pf-v5-c-table__th", role: "columnheader", scope: "col" },
            column || el("span", { class: "pf-v5-u-screen-reader" }, text("actions")),
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

/**
 * A list that is shown one part at a time. `ask` gets what to ask for, `show` the answer and the part that it is; `query`
 * holds which part that is, and `narrow` changes it. Of the list, `place` goes into the page, `reload` asks again, and
 * `narrow` shows another part.
 */
export function pagedList({ query, signal, narrow }, ask, show) {
  const list = {
    place: el("div", {}),

    reload() {
      const paging = new Paging(query, list.narrow);
      return fill(list.place, signal, () => ask(paging.asked), (answer) => show(answer, paging));
    },

    narrow(changes) {
      narrow(changes);
      return list.reload();
    },
  };
  return list;
}

/** One part of a list. Where the API does not say how many there are, it is asked for one more than is shown. */
class Paging {
  #size;
  #go;

  constructor(query, go) {
    const size = Number(query.get("size"));
    this.#size = PAGE_SIZES.includes(size) ? size : 20;
    this.#go = go;
    this.first = Math.max(0, Math.trunc(Number(query.get("first"))) || 0);
  }

  /** What to ask for. */
  get asked() {
    return { first: this.first || undefined, max: Math.min(this.#size + 1, MOST) };
  }

  /** The part of the answer that is shown. */
  shown(answer) {
    return answer.slice(0, this.#size);
  }

  /** The line below the list: which ones these are, how many are shown at a time, back and on. */
  controls(answer, total) {
    const shown = this.shown(answer).length;
    const more = total === undefined ? answer.length >= Math.min(this.#size + 1, MOST) : this.first + shown < total;
    const range = shown ? span(this.first + 1, this.first + shown) : number(0);
    const step = (caption, glyph, possible, first) =>
      el(
        "div",
        { class: "pf-v5-c-pagination__nav-control" },
        iconButton(caption, glyph, () => this.#go({ first, size: this.#size }), { disabled: !possible }),
      );
    const sizes = select(
      PAGE_SIZES.map((size) => [String(size), text("perPage.option", size)]),
      { value: String(this.#size), "aria-label": text("perPage"), onchange: (size) => this.#go({ first: 0, size: Number(size) }) },
    );
    sizes.classList.add("ec-sizes");
    return el(
      "div",
      { class: "pf-v5-c-pagination ec-pagination" },
      el(
        "div",
        { class: "ec-range" },
        total === undefined ? range : text("rangeOfTotal", range, total),
      ),
      sizes,
      el(
        "nav",
        { class: "pf-v5-c-pagination__nav", "aria-label": text("pages") },
        step(text("previousPage"), "angle-left", this.first > 0, Math.max(0, this.first - this.#size)),
        step(text("nextPage"), "angle-right", more, this.first + this.#size),
      ),
    );
  }
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

/** A choice of state with how many there are in each, where that is known. */
export function stateFilter(family, ids, counts, chosen, choose) {
  const caption = (name, count) => (counts ? text("filter.counted", name, count ?? 0) : name);
  const all = counts && Object.values(counts).reduce((sum, count) => sum + count, 0);
  return select(
    [["", caption(text("filter.all"), all)], ...ids.map((id) => [id, caption(word(family, id), counts?.[id])])],
    { value: chosen, onchange: choose, "aria-label": text("filter.state") },
  );
}
