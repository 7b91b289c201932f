/** The consumers in the settings: the realm's clients that may fetch tokens. */

import { area, check, field, fields, group, input } from "./form.js";
import { suspendedLabel } from "./labels.js";
import { notificationsPart } from "./notifications.js";
import { consumerSwitch } from "./suspension.js";
import { text, word } from "./texts.js";
import { button, buttons, card, el, paragraph } from "./view.js";

const RIGHTS = ["member", "offline", "resource", "directory"];

/** The consumers of `now`, the settings as they are being typed; `suspensions` tells of each whether it is suspended. */
export function consumersCard(context, now, readonly, suspensions) {
  const list = el("div", { class: "ec-stack" });
  const remove = (index) => {
    now.consumers.splice(index, 1);
    suspensions.splice(index, 1);
    draw();
    list.closest("section").querySelector("h2").focus();
  };
  const draw = () => {
    list.replaceChildren(
      ...(now.consumers.length
        ? now.consumers.map((consumer, index) =>
            consumerPart(context, consumer, suspensions[index], readonly, { remove: () => remove(index), redraw: draw }),
          )
        : [paragraph(text("consumers.none"))]),
    );
  };
  draw();
  const add = button(
    text("consumers.add"),
    () => {
      now.consumers.push({ clientId: "", rights: ["member"] });
      draw();
      [...list.querySelectorAll("fieldset.ec-consumer")].at(-1).querySelector("input").focus();
    },
    { glyph: "plus" },
  );
  const whole = card(text("consumers.title"), paragraph(text("consumers.text")), list, !readonly && el("div", { class: "ec-below" }, add));
  whole.querySelector("h2").tabIndex = -1;
  return whole;
}

function consumerPart(context, consumer, suspension, readonly, { remove, redraw }) {
  const legend = el("legend", { class: "pf-v5-c-form__label" });
  const name = () => consumer.clientId || text("consumers.new");
  const entitle = () => {
    legend.replaceChildren(
      el("span", { class: "pf-v5-c-form__label-text" }, name()),
      ...(suspension?.suspended ? [" ", suspendedLabel()] : []),
    );
  };
  entitle();
  return el(
    "fieldset",
    { class: "ec-consumer" },
    legend,
    fields(
      field(
        text("consumers.clientId"),
        input({
          value: consumer.clientId,
          readonly,
          onchange: (value) => {
            consumer.clientId = value.trim();
            entitle();
          },
        }),
        { help: text("consumers.clientId.help"), required: true },
      ),
      group(
        text("consumers.rights"),
        RIGHTS.map((right) =>
          check(word("right", right), {
            checked: consumer.rights.includes(right),
            disabled: readonly,
            help: word("right.help", right),
            onchange: (on) => {
              consumer.rights = on ? [...consumer.rights, right] : consumer.rights.filter((other) => other !== right);
            },
          }),
        ),
      ),
      limits(consumer, readonly),
      actors(consumer, readonly),
      notificationsPart(context, consumer, readonly),
      !readonly &&
        buttons(
          suspension && consumerSwitch(context, consumer.clientId, suspension, redraw),
          button(text("remove"), remove, { variant: "link", about: name() }),
        ),
    ),
  );
}

/** All organizations while there is no list; those of the list, and none of an empty one, once there is. */
function limits(consumer, readonly) {
  const ids = field(
    text("consumers.links"),
    area({
      value: (consumer.links ?? []).join("\n"),
      readonly,
      rows: 2,
      onchange: (value) => {
        consumer.links = value.split(/\s+/).filter(Boolean);
      },
    }),
    { help: text("consumers.links.help") },
  );
  ids.hidden = !consumer.links;
  const limited = check(text("consumers.limited"), {
    checked: Boolean(consumer.links),
    disabled: readonly,
    onchange: (on) => {
      ids.hidden = !on;
      consumer.links = on ? ids.querySelector("textarea").value.split(/\s+/).filter(Boolean) : undefined;
    },
  });
  return el("div", { class: "ec-stack" }, limited, ids);
}

/** Agents, by their client ids; whoever is none of them is refused. */
function actors(consumer, readonly) {
  return field(
    text("consumers.actors"),
    area({
      value: (consumer.actors ?? []).join("\n"),
      readonly,
      rows: 2,
      onchange: (value) => {
        const named = value.split(/\s+/).filter(Boolean);
        consumer.actors = named.length ? named : undefined;
      },
    }),
    { help: text("consumers.actors.help") },
  );
}
