/** Invitations to authorize a link: one's own at once, or somebody else's by link or mail. */

import { alert, fill } from "./alerts.js";
import { path } from "./api.js";
import { confirmed, openDialog, tell, telling } from "./dialog.js";
import { check, field, fields, form, group, input, select } from "./form.js";
import { stateLabel } from "./labels.js";
import { table } from "./lists.js";
import { moment, text } from "./texts.js";
import { button, buttons, card, el, emptyState, outwardLink, paragraph, time } from "./view.js";

const HOUR = 3600;
const DAY = 24 * HOUR;
const WEEK = 7 * DAY;

/** Invites oneself: opens the page in another tab, and shows the way there for browsers that did not. */
export const linkNow = telling(async ({ api }, link) => {
  const invited = await api.post(path`links/${link.id}/invitations`, { expiresIn: HOUR });
  window.open(invited.url, "_blank", "noopener,noreferrer");
  openDialog({
    title: text("linkNow.title", link.name),
    body: [
      paragraph(text("linkNow.text")),
      paragraph(outwardLink(invited.url, text("linkNow.open"))),
    ],
    cancel: text("close"),
  });
});

/** Asks whom to invite and how. */
export function invite({ api, status, stock }, link, invitedSomebody) {
  let byMail = false;
  const lifetime = select(
    [
      [String(HOUR), text("invite.hour")],
      [String(DAY), text("invite.day")],
      [String(WEEK), text("invite.week")],
    ],
    { value: String(WEEK) },
  );
  const email = input({ type: "email", autocomplete: "email", required: true });
  const languages = new Intl.DisplayNames([document.documentElement.lang, "en"], { type: "language" });
  const language = select(
    status.languages.map((tag) => [tag, nameOf(languages, tag)]),
    { value: status.languages.includes(status.defaultLanguage) ? status.defaultLanguage : undefined },
  );
  const mail = fields(field(text("invite.email"), email, { required: true }), field(text("invite.language"), language));
  mail.hidden = true;
  const choose = (chosen) => {
    byMail = chosen;
    mail.hidden = !byMail;
  };
  const choices = [
    check(text("invite.byLink"), { type: "radio", name: "way", checked: true, help: text("invite.byLink.help"), onchange: () => choose(false) }),
    check(text("invite.byMail"), {
      type: "radio",
      name: "way",
      disabled: !status.mail,
      help: status.mail ? text("invite.byMail.help") : text("invite.noMail"),
      onchange: () => choose(true),
    }),
  ];
  let replaces = false;
  const replacement =
    (link.state === "active" || link.state === "needs_authorization") &&
    check(text("invite.replacement"), {
      help: text("invite.replacement.help"),
      onchange: (on) => {
        replaces = on;
      },
    });
  const dialog = openDialog({
    title: text("invite.title", link.name),
    body: form(
      [
        paragraph(text("invite.text")),
        group(text("invite.way"), choices),
        !status.mail && status.access.manageRealm && outwardLink(stock("realm-settings/email"), text("invite.setUpMail")),
        mail,
        field(text("invite.lifetime"), lifetime),
        replacement,
      ].filter(Boolean),
      () => dialog.element.querySelector("footer button").click(),
    ),
    actions: [
      {
        caption: text("invite.create"),
        run: async () => {
          const control = email.querySelector("input");
          if (byMail && !(control.value && control.checkValidity())) {
            control.focus();
            throw { kind: "address" };
          }
          const invited = await api.post(path`links/${link.id}/invitations`, {
            expiresIn: Number(lifetime.querySelector("select").value),
            ...(replaces && { replacement: true }),
            ...(byMail && { email: control.value.trim(), language: language.querySelector("select").value }),
          });
          dialog.close();
          handOver(link, invited, byMail && control.value.trim());
          invitedSomebody();
          return false;
        },
      },
    ],
  });
}

function nameOf(languages, tag) {
  try {
    return languages.of(tag.replace("_", "-"));
  } catch {
    return tag;
  }
}

function handOver(link, { url, expiresAt, sent, problem }, address) {
  openDialog({
    title: text("invited.title", link.name),
    body: [
      address &&
        (sent
          ? alert("success", text("invited.sent", address), { live: true })
          : alert("warning", text("invited.notSent", address), { body: problem && paragraph(problem), live: true })),
      paragraph(text("invited.text", moment(expiresAt))),
      copyable(text("invited.link"), url),
    ].filter(Boolean),
    cancel: text("close"),
  });
}

/** A secret or long address to be taken along. */
function copyable(caption, value) {
  const control = input({ value, readonly: true, onfocus: (event) => event.target.select() });
  return el(
    "div",
    { class: "ec-copy" },
    field(caption, control),
    button(
      text("copy"),
      async () => {
        try {
          await navigator.clipboard.writeText(value);
          tell(text("copied"));
        } catch {
          // Without permission: selected, for the keyboard.
          control.querySelector("input").select();
        }
      },
      { glyph: "copy" },
    ),
  );
}

/** All invitations of a link. */
export async function show(context, link, place) {
  const { api, signal } = context;
  const list = el("div", {});
  const reload = () =>
    fill(
      list,
      signal,
      () => api.get(path`links/${link.id}/invitations`, {}, signal),
      (invitations) =>
        invitations.length
          ? table(
              text("tab.invitations"),
              [text("invitations.created"), text("link.state"), text("invitations.expires"), text("invitations.used"), ""],
              invitations.map((invitation) => [
                time(invitation.createdAt),
                stateLabel("state.invitation", invitation.state),
                time(invitation.expiresAt),
                time(invitation.usedAt),
                invitation.state === "open" && withdrawal(invitation),
              ]),
            )
          : emptyState(text("invitations.none"), { body: paragraph(text("invitations.none.text")), glyph: "envelope" }),
    );
  const withdrawal = (invitation) =>
    button(
      text("invitations.withdraw"),
      () =>
        confirmed({
          title: text("invitations.withdraw.title"),
          body: text("invitations.withdraw.text", moment(invitation.createdAt)),
          caption: text("invitations.withdraw"),
          run: async () => {
            await api.delete(path`links/${link.id}/invitations/${invitation.id}`);
            tell(text("invitations.withdrawn"));
            await reload();
          },
        }),
      { variant: "link", small: true, about: moment(invitation.createdAt) },
    );
  place.append(
    buttons(
      button(text("invite"), () => invite(context, link, reload), { variant: "primary" }),
      button(text("refresh"), reload, { glyph: "sync" }),
    ),
    card(null, list),
  );
  await reload();
}
