/** Navigation: shows the page that the address names, and leaves it only if nothing unsaved would be lost. */

import { contextOf } from "./context.js";
import { fold, mark } from "./frame.js";
import * as link from "./link.js";
import * as links from "./links.js";
import * as member from "./member.js";
import { target } from "./page.js";
import * as revocations from "./revocations.js";
import * as settings from "./settings.js";
import * as unsaved from "./unsaved.js";

const PAGES = [
  [/^organizations$/, links],
  [/^organizations\/[^/]+\/members\/[^/]+$/, member],
  [/^organizations\/[^/]+(\/[a-z]+)?$/, link],
  [/^members\/[^/]+$/, member],
  [/^revocations$/, revocations],
  [/^settings$/, settings],
];

export class Navigation {
  #realm;
  #shown = null;
  #leaving = new AbortController();

  constructor(realm) {
    this.#realm = realm;
  }

  /** Shows the first page, and follows the address from then on. */
  async begin() {
    const name = target();
    addEventListener("hashchange", () => this.#move());
    addEventListener("popstate", () => {
      if (target() !== name) {
        location.reload();
      }
    });
    addEventListener("beforeunload", (event) => {
      if (unsaved.isDirty()) {
        event.preventDefault();
      }
    });
    await this.#move();
  }

  async #move() {
    if (location.hash === this.#shown) {
      return;
    }
    if (unsaved.isDirty()) {
      const wanted = location.hash;
      history.replaceState(null, "", this.#shown);
      if (!(await unsaved.mayBeLost())) {
        return;
      }
      unsaved.forget();
      history.pushState(null, "", wanted);
    }
    await this.#show(true);
  }

  /** Shows the same page with what is new, without a move. */
  async refresh() {
    await this.#show(false);
  }

  /** Writes into the address what the page shows by itself. */
  note(address) {
    this.#shown = address;
    history.pushState(null, "", address);
  }

  async #show(moved) {
    const [place, search] = location.hash.replace(/^#\/?/, "").split("?");
    const known = PAGES.find(([pattern]) => pattern.test(place));
    if (!known || (!this.#realm.status.organizations && place === "organizations")) {
      history.replaceState(null, "", this.#realm.home);
      await this.#show(moved);
      return;
    }
    this.#shown = location.hash;
    this.#leaving.abort();
    this.#leaving = new AbortController();
    unsaved.forget();
    const main = document.querySelector("#main");
    if (moved) {
      main.replaceChildren();
      main.scrollTo(0, 0);
      fold();
    }
    mark(place);
    const [, page] = known;
    const named = { segments: segmentsOf(place), query: new URLSearchParams(search), signal: this.#leaving.signal };
    await page.show(contextOf(this.#realm, this, main, named));
  }
}

/** The parts of a place; one that is escaped wrongly stands for itself, and is not found. */
function segmentsOf(place) {
  return place.split("/").map((segment) => {
    try {
      return decodeURIComponent(segment);
    } catch {
      return segment;
    }
  });
}
