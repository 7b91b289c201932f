/** Proving a link by one real mailbox: what came of it last, and trying another one. */

import { showing } from "./alerts.js";
import { path } from "./api.js";
import { field, form, input } from "./form.js";
import { stateLabel } from "./labels.js";
import { text, word } from "./texts.js";
import { button, buttons, card, descriptions, el, paragraph, time } from "./view.js";

/** How often to look again while the answer is awaited. */
const PAUSE = 3000;

/** A card that keeps itself up to date for as long as the page is there. */
export function verificationCard(context, link) {
  const { api, signal } = context;
  const address = path`links/${link.id}/verification`;
  const outcome = el("div", { class: "ec-stack", role: "status" });
  const failures = el("div", {});
  let mailbox = "";

  let timer;
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(look, PAUSE);
  };
  const draw = (verified) => {
    clearTimeout(timer);
    outcome.replaceChildren(...parts(verified));
    if (verified.result === "pending") {
      later();
    }
  };
  const look = async () => {
    if (signal.aborted) {
      return;
    }
    try {
      const verified = await api.get(address, {}, signal);
      if (!signal.aborted) {
        draw(verified);
      }
    } catch {
      // The next look may tell.
      later();
    }
  };
  const begin = button(
    text("verification.begin"),
    showing(failures, async () => draw(await api.post(address, { mailbox: mailbox.trim() }))),
  );
  draw(link.verified);
  return card(
    text("verification.title"),
    paragraph(text("verification.text")),
    outcome,
    link.access?.manage &&
      link.state === "active" &&
      form(
        [
          field(
            text("verification.mailbox"),
            input({
              type: "email",
              placeholder: `name@${link.domains.find(({ approved }) => approved)?.name ?? "customer.example"}`,
              onchange: (value) => {
                mailbox = value;
              },
            }),
            { help: text("verification.mailbox.help") },
          ),
          buttons(begin),
        ],
        () => begin.click(),
      ),
    failures,
  );
}

function parts({ result, at, mailbox, reason, detail, advice }) {
  return [
    descriptions([
      [text("verification.result"), stateLabel("state.verification", result)],
      [text("members.mailbox"), mailbox],
      [text("verification.at"), at && time(at)],
      [text("verification.why"), reason && word("reason", reason)],
      [text("reason.saidByCronofy"), detail],
    ]),
    advice && paragraph(advised(reason, advice)),
  ].filter(Boolean);
}

/** In the reader's language, or else in the server's words. */
function advised(reason, advice) {
  const own = word("verification.advice", reason);
  return own === reason ? advice : own;
}
