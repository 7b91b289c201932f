/** Where an application is told what happens to calendars, and what it has not accepted of that. */

import { alert, showing } from "./alerts.js";
import { path } from "./api.js";
import { tell } from "./dialog.js";
import { field, input } from "./form.js";
import { stateLabel } from "./labels.js";
import { table } from "./lists.js";
import { number, text, word } from "./texts.js";
import { button, buttons, el, paragraph, time } from "./view.js";

/** The address of `consumer`, as it is being typed; what is tried and listed is what has been saved. */
export function notificationsPart(context, consumer, readonly) {
  const typed = { ...consumer.notifications };
  const change = (name) => (value) => {
    typed[name] = value.trim() || undefined;
    consumer.notifications = typed.url ? { ...typed } : undefined;
  };
  return el(
    "div",
    { class: "ec-stack" },
    field(text("notifications.url"), input({ value: typed.url, readonly, type: "url", placeholder: "https://", onchange: change("url") }), {
      help: text("notifications.url.help"),
    }),
    field(
      text("notifications.authorization"),
      input({
        value: typed.authorization,
        readonly,
        type: "password",
        autocomplete: "new-password",
        onfocus: (event) => event.target.select(),
        onchange: change("authorization"),
      }),
      { help: text("notifications.authorization.help") },
    ),
    typed.url && saved(context, consumer.clientId, readonly),
  );
}

function saved({ api, status, signal }, client, readonly) {
  const outcome = el("div", {});
  const test = showing(outcome, async () => {
    const { ok, status: answered, problem } = await api.post(path`consumers/${client}/notifications/test`);
    outcome.replaceChildren(
      ok
        ? alert("success", text("notifications.test.ok"), { live: true })
        : alert("danger", text("notifications.test.failed"), { body: paragraph([answered, problem].filter(Boolean).join(" ")), live: true }),
    );
  });
  const list = showing(outcome, async () => {
    const page = await api.get("notifications", { client }, signal);
    const again = (place) =>
      showing(outcome, async () => {
        await api.post(place);
        tell(text("notifications.replayed"));
        await list();
      });
    outcome.replaceChildren(page.notifications.length ? listed(page, client, readonly, again) : paragraph(text("notifications.none")));
  });
  return el(
    "div",
    { class: "ec-stack" },
    buttons(
      !readonly && button(text("notifications.test"), test, { about: client }),
      status.access.viewUsers && button(text("notifications.list"), list, { about: client }),
    ),
    outcome,
  );
}

function listed({ notifications, states, total }, client, readonly, again) {
  const refused = states.undeliverable ?? 0;
  return el(
    "div",
    { class: "ec-stack" },
    paragraph(text("notifications.count", number(total), number(refused))),
    table(
      text("notifications.list"),
      [text("notifications.happenedAt"), text("notifications.event"), text("notifications.subject"), text("link.state"), text("members.attempts"), text("members.nextAttempt"), ""],
      notifications.map((one) => [
        time(one.happenedAt),
        word("event", one.event),
        one.subject,
        el("div", {}, stateLabel("state.notification", one.state), one.problem && el("div", { class: "ec-quote" }, one.problem)),
        number(one.attempts),
        time(one.nextAttemptAt),
        !readonly && button(text("notifications.replay"), again(path`notifications/${one.id}/replay`), { variant: "link", about: one.subject }),
      ]),
    ),
    !readonly && refused > 0 && buttons(button(text("notifications.replayAll"), again(path`notifications/replay?client=${client}`), { about: client })),
  );
}
