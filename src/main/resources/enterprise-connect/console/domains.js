/** The mail domains of a link, and their approval. */

import { path } from "./api.js";
import { confirmed, tell, telling } from "./dialog.js";
import { field, form, input } from "./form.js";
import { text } from "./texts.js";
import { alert, button, card, el, emptyState, failureAlert, label, paragraph, table } from "./view.js";

export function show(context, link, place) {
  const { api, status } = context;
  const may = status.access.manageRealm;
  const put = async (domains, done) => {
    await api.put(path`links/${link.id}`, { domains });
    tell(done);
    await context.refresh();
  };
  const others = (name) => link.domains.filter((domain) => domain.name !== name);
  const approval = (domain) =>
    domain.approved
      ? button(
          text("domains.withdraw"),
          () =>
            confirmed({
              title: text("domains.withdraw.title", domain.name),
              body: text("domains.withdraw.text"),
              caption: text("domains.withdraw"),
              run: () =>
                put([...others(domain.name), { name: domain.name, approved: false }], text("domains.withdrawn", domain.name)),
            }),
          { variant: "link", small: true, about: domain.name },
        )
      : button(
          text("domains.approve"),
          telling(() => put([...others(domain.name), { name: domain.name, approved: true }], text("domains.approved", domain.name))),
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
          run: () => put(others(domain.name), text("domains.removed", domain.name)),
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
              ...(may ? [el("div", { class: "ec-buttons" }, approval(domain), removal(domain))] : []),
            ]),
          )
        : emptyState(text("domains.none"), { body: paragraph(text("domains.none.text")), glyph: "at" }),
    ),
  );
  if (may) {
    place.append(addition(link, put));
  }
}

function addition(link, put) {
  const control = input({ placeholder: "customer.example" });
  const failures = el("div", {});
  const add = button(
    text("domains.add"),
    async () => {
      const name = control.querySelector("input").value.trim();
      failures.replaceChildren();
      try {
        await put([...link.domains, { name, approved: true }], text("domains.approved", name));
      } catch (error) {
        failures.replaceChildren(failureAlert(error));
      }
    },
    { variant: "secondary" },
  );
  return card(
    text("domains.add.title"),
    form([field(text("domains.name"), control, { help: text("domains.add.help") }), failures, el("div", {}, add)], () => add.click()),
  );
}
