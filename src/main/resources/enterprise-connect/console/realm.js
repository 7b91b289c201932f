/** The realm that the page is about: its admin API, how it stands, and the places that follow from that. */

import { AdminApi } from "./api.js";
import { page } from "./page.js";
import { accessToken } from "./session.js";

export class Realm {
  constructor(name) {
    this.api = new AdminApi(page.admin, name, accessToken);
    this.status = null;
  }

  /** Asks how the realm stands, at first and after a change of it. */
  async renew() {
    this.status = await this.api.get("status");
  }

  /** The place where an administrator begins. */
  get home() {
    return this.status.organizations ? "#/organizations" : "#/organizations/realm";
  }

  /** Where the stock console shows this realm. */
  get stockConsole() {
    return `${page.admin}/admin/${encodeURIComponent(page.realm)}/console/#/${encodeURIComponent(this.status.realm)}`;
  }
}
