/** The kill switches: stop and resume the serving of tokens in the realm, of a link, or to a consumer. Nothing is revoked. */

import { alert } from "./alerts.js";
import { path } from "./api.js";
import { confirmed, tell, telling } from "./dialog.js";
import { text } from "./texts.js";
import { button, card, el, paragraph, time } from "./view.js";

function told(suspended, name) {
  tell(suspended ? text("suspension.suspended", name) : text("suspension.resumed", name));
}

export const suspendLink = telling(async (context, link, suspended) => {
  const place = path`links/${link.id}/suspension`;
  await (suspended ? context.api.put(place) : context.api.delete(place));
  told(suspended, link.name);
  await context.refresh();
});

/** The switch of a consumer. `suspension` is kept up to date, and `redraw` shows it. */
export function consumerSwitch({ api }, clientId, suspension, redraw) {
  const place = path`consumers/${clientId}/suspension`;
  const done = (suspended) => {
    suspension.suspended = suspended;
    told(suspended, clientId);
    redraw();
  };
  return suspension.suspended
    ? resuming(api, place, text("resume"), { about: clientId }, done)
    : suspending(api, place, text("suspend"), { about: clientId }, done, {
        title: text("consumers.suspend.title", clientId),
        body: text("consumers.suspend.text"),
      });
}

/** The switch of the whole realm, in a card of its own. */
export function realmSwitch(context, { suspended, since }, readonly) {
  const { api, realm } = context;
  const done = async (now) => {
    told(now, realm);
    await context.renew();
    if (!context.dirty()) {
      await context.refresh();
    }
  };
  const act = suspended
    ? resuming(api, "suspension", text("kill.resume"), { variant: "primary" }, done)
    : suspending(api, "suspension", text("kill.suspend"), { variant: "danger" }, done, {
        title: text("kill.question", realm),
        body: text("kill.text"),
      });
  return card(
    text("kill.title"),
    suspended
      ? alert("warning", text("banner.suspended"), { body: paragraph(text("since"), " ", time(since)) })
      : paragraph(text("kill.text")),
    !readonly && el("div", { class: "ec-below" }, act),
  );
}

function resuming(api, place, caption, look, done) {
  return button(
    caption,
    telling(async () => {
      await api.delete(place);
      await done(false);
    }),
    look,
  );
}

/** Asks before it suspends. */
function suspending(api, place, caption, look, done, question) {
  return button(
    caption,
    () =>
      confirmed({
        ...question,
        caption,
        run: async (close) => {
          await api.put(place);
          close();
          await done(true);
        },
      }),
    look,
  );
}
