/** Rooms, equipment and shared mailboxes of a link: which there are, and which of them applications may use. */

import { path } from "./api.js";
import { confirmed, openDialog, telling } from "./dialog.js";
import { field, form, input, toggle } from "./form.js";
import { stateLabel } from "./labels.js";
import { pagedList, stateFilter, table } from "./lists.js";
import { text, word } from "./texts.js";
import { button, buttons, card, el, emptyState, paragraph, time, toolbar } from "./view.js";

const STATES = ["none", "asked", "granted", "refused", "revoked"];

export async function show(context, link, place) {
  const { api, query, signal, status } = context;
  const address = path`links/${link.id}/resources`;
  const manage = link.access?.manage ?? false;
  const filter = el("div", { class: "ec-filter" });
  const standing = el("div", { class: "ec-stack" });
  const state = () => query.get("state") ?? "";
  const act = (run) =>
    telling(async () => {
      await run();
      await list.reload();
    });
  const list = pagedList(
    context,
    (asked) => api.get(address, { state: state(), ...asked }, signal),
    (answer, paging) => {
      filter.replaceChildren(
        stateFilter("state.delegation", STATES, answer.states, state(), (chosen) => list.narrow({ state: chosen, first: 0 })),
      );
      standing.replaceChildren(...about(answer.list, manage, act, (all) => api.put(address, { delegation: all ? "all" : "on_demand" })));
      return answer.resources.length
        ? [
            table(
              text("resources.title"),
              [text("resources.name"), text("resources.capacity"), text("link.state"), text("members.why"), manage ? "" : undefined].filter(
                (column) => column !== undefined,
              ),
              paging.shown(answer.resources).map((resource) => row(resource, manage, address, api, act)),
            ),
            paging.controls(answer.resources, answer.total),
          ]
        : emptyState(text("resources.none"), { body: paragraph(text("resources.none.text")), glyph: "building" });
    },
  );
  const actions = [
    manage && button(text("resources.read"), act(() => api.post(`${address}/list`)), { glyph: "sync" }),
    status.access.manageRealm && button(text("resources.add"), () => name(api, address, list)),
  ].filter(Boolean);
  place.append(card(null, paragraph(text("resources.text")), standing, toolbar(filter, buttons(...actions)), list.place));
  await list.reload();
}

/** How Cronofy's list stands, and whether all of it is delegated. */
function about(known, manage, act, choose) {
  return [
    !known.available && paragraph(text("resources.unavailable")),
    known.problem && paragraph(word("reason", known.problem)),
    known.readAt && paragraph(text("resources.readAt"), " ", time(known.readAt)),
    manage &&
      known.available &&
      toggle(text("resources.all"), { checked: known.delegation === "all", onchange: (on) => act(() => choose(on))() }),
  ].filter(Boolean);
}

function row(resource, manage, address, api, act) {
  const mine = address + path`/${resource.id}`;
  const named = resource.name ? el("div", {}, resource.name, el("div", { class: "ec-quote" }, resource.mailbox)) : resource.mailbox;
  const why = resource.missingSince
    ? el("span", {}, text("resources.missing"), " ", time(resource.missingSince))
    : (resource.withheld ?? resource.reason) && word("reason", resource.withheld ?? resource.reason);
  const cells = [named, resource.capacity ?? "", stateLabel("state.delegation", resource.state), why || ""];
  if (manage) {
    const ends = resource.wanted || resource.state === "granted";
    const begin = resource.wanted ? text("resources.retry") : text("resources.delegate");
    const end = resource.named ? text("resources.forget") : text("resources.end");
    cells.push(
      buttons(
        !(resource.state === "granted" || (resource.state === "asked" && !resource.reason)) &&
          button(begin, act(() => api.put(`${mine}/delegation`)), {
            small: true,
            about: resource.mailbox,
          }),
        (ends || resource.named) &&
          button(
            end,
            () =>
              confirmed({
                title: text("resources.end.title", resource.name ?? resource.mailbox),
                body: text("resources.end.text"),
                caption: end,
                run: act(() => api.delete(resource.named ? mine : `${mine}/delegation`)),
              }),
            { small: true, variant: "link", about: resource.mailbox },
          ),
      ),
    );
  }
  return cells;
}

/** Names one that Cronofy does not list. */
function name(api, address, list) {
  let mailbox = "";
  let called = "";
  const dialog = openDialog({
    title: text("resources.add"),
    body: form(
      [
        paragraph(text("resources.add.text")),
        field(text("resources.mailbox"), input({ type: "email", required: true, onchange: (value) => (mailbox = value) })),
        field(text("resources.name"), input({ onchange: (value) => (called = value) })),
      ],
      () => dialog.element.querySelector("footer button").click(),
    ),
    actions: [
      {
        caption: text("resources.add"),
        run: async () => {
          await api.post(address, { mailbox: mailbox.trim(), ...(called.trim() && { name: called.trim() }) });
          await list.reload();
        },
      },
    ],
  });
}
