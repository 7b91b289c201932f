/** The mail domains of a link, and their approval. */

import { alert, showing } from "./alerts.js";
import { Failure, path } from "./api.js";
import { confirmed, tell, telling } from "./dialog.js";
import { field, form, input } from "./form.js";
import { label } from "./labels.js";
import { table } from "./lists.js";
import { text } from "./texts.js";
import { button, buttons, card, el, emptyState, paragraph } from "./view.js";

export function show(context, link, place) {
  const { api, status } = context;
  const may = status.access.manageRealm;
  // The whole list is written, so it is read right before: what came or went since the page was loaded stays as it is.
  const put = async (change, done) => {
    const place = path`links/${link.id}`;
    const { value, version } = await api.read(place);
    await api.put(place, { domains: change(value.domains) }, version);
    tell(done);
    await context.refresh();
  };
  const approval = (domain) =>
    domain.approved
      ? button(
          text("domains.withdraw"),
          () =>
            confirmed({
              title: text("domains.withdraw.title", domain.name),
              body: text("domains.withdraw.text"),
              caption: text("domains.withdraw"),
              run: () => put(set(domain.name, false), text("domains.withdrawn", domain.name)),
            }),
          { variant: "link", small: true, about: domain.name },
        )
      : button(
          text("domains.approve"),
          telling(() => put(set(domain.name, true), text("domains.approved", domain.name))),
          { variant: "primary", small: true, about: domain.name },
        );
  const removal = (domain) =>
    button(
      text("remove"),
      () =>
        confirmed({
          title: text("domains.remove.title", domain.name),
          body: text("domains.withdraw.text"),
          caption: text("remove"),
          run: () => put((domains) => without(domains, domain.name), text("domains.removed", domain.name)),
        }),
      { variant: "link", small: true, about: domain.name },
    );
  place.append(
    card(
      text("domains.title"),
      paragraph(text("domains.text")),
      !may && alert("info", text("domains.ask")),
      link.domains.length
        ? table(
            text("domains.title"),
            [text("domains.name"), text("link.state"), ...(may ? [""] : [])],
            link.domains.map((domain) => [
              domain.name,
              domain.approved
                ? label(text("domains.isApproved"), "green", "check-circle")
                : label(text("domains.isNotApproved"), "gold", "hourglass-half"),
              ...(may ? [buttons(approval(domain), removal(domain))] : []),
            ]),
          )
        : emptyState(text("domains.none"), { body: paragraph(text("domains.none.text")), glyph: "at" }),
    ),
  );
  if (may) {
    place.append(addition(put));
  }
}

function without(domains, name) {
  return domains.filter((domain) => domain.name !== name);
}

/** Approves one of the domains or withdraws that; one that is gone is not brought back by it. */
function set(name, approved) {
  return (domains) => {
    if (!domains.some((domain) => domain.name === name)) {
      throw new Failure("missing");
    }
    return domains.map((domain) => (domain.name === name ? { name, approved } : domain));
  };
}

function addition(put) {
  const control = input({ placeholder: "customer.example" });
  const failures = el("div", {});
  const add = button(
    text("domains.add"),
    showing(failures, async () => {
      const name = control.querySelector("input").value.trim();
      await put((domains) => [...without(domains, name), { name, approved: true }], text("domains.approved", name));
    }),
  );
  return card(
    text("domains.add.title"),
    form([field(text("domains.name"), control, { help: text("domains.add.help") }), failures, el("div", {}, add)], () => add.click()),
  );
}
