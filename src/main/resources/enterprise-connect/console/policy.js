/** What a link asks for before a member is connected, and how members are treated. */

import { alert, showing } from "./alerts.js";
import { path } from "./api.js";
import { confirmed, tell } from "./dialog.js";
import { area, field, fields, form, input, select } from "./form.js";
import { text, word } from "./texts.js";
import { button, buttons, card, el, outwardLink, paragraph } from "./view.js";

const DEFAULT = "default";
const LISTS = ["requiredGroups", "deniedGroups", "requiredRoles", "deniedRoles", "identityProviders"];
const WAITS = [0, 3, 5, 10, 15];

export function show(context, link, place) {
  const { api, status } = context;
  const { policy } = link;
  const manage = link.access?.manage ?? false;
  const manageRealm = status.access.manageRealm;
  const before = written(policy);
  const now = { ...before };
  const change = (name) => (value) => {
    now[name] = value;
  };
  const dirty = () => Object.keys(now).some((name) => now[name] !== before[name]);
  context.guard(dirty);

  const choice = (name, caption, help, options) =>
    field(
      caption,
      select([[DEFAULT, followed(policy, name, options)], ...options], {
        value: now[name],
        disabled: !manage,
        onchange: change(name),
      }),
      { help },
    );
  const failures = el("div", {});
  const put = async (place) => {
    await api.put(place, { policy: changes(before, now) }, link.version);
    tell(text("policy.saved"));
    Object.assign(before, now);
    await context.refresh();
  };
  const save = showing(failures, async () => {
    try {
      await put(path`links/${link.id}`);
    } catch (error) {
      if (error.kind !== "conflict") {
        throw error;
      }
      askForce(error, () => put(`${path`links/${link.id}`}?force=true`));
    }
  });
  const saving = button(text("save"), () => (dirty() ? save() : tell(text("unchanged"))), { variant: "primary" });
  const proof = field(
    text("policy.proof"),
    select(
      [
        ["keycloak", text("policy.proof.keycloak")],
        ["owner", text("policy.proof.owner")],
      ],
      // Who manages the organization may tighten this, and only who manages the realm may loosen it again.
      { value: now.proof, disabled: !manage || (before.proof === "owner" && !manageRealm), onchange: change("proof") },
    ),
    { help: text("policy.proof.help") },
  );
  const lists =
    before.requiredGroups === undefined
      ? []
      : LISTS.map((name) =>
          field(word("policy.list", name), area({ value: now[name], readonly: !manageRealm, onchange: change(name) }), {
            help: word("policy.list.help", name),
          }),
        );
  place.append(
    form(
      [
        card(
          text("policy.members"),
          fields(
            proof,
            choice("notice", text("policy.notice"), text("policy.notice.help"), [
              ["none", text("policy.notice.none")],
              ["email", text("policy.notice.email")],
              ["page", text("policy.notice.page")],
            ]),
            choice("wait", text("policy.wait"), text("policy.wait.help"), waits(now.wait)),
            choice("optOut", text("policy.optOut"), text("policy.optOut.help"), [
              ["true", text("policy.optOut.true")],
              ["false", text("policy.optOut.false")],
            ]),
            field(
              text("policy.backfill"),
              select(
                [
                  ["none", text("policy.backfill.none")],
                  ["continuous", text("policy.backfill.continuous")],
                ],
                { value: now.backfill, disabled: !manage, onchange: change("backfill") },
              ),
              { help: text("policy.backfill.help") },
            ),
            field(
              text("policy.freeBusy"),
              select(
                [
                  ["false", text("policy.freeBusy.false")],
                  ["true", text("policy.freeBusy.true")],
                ],
                { value: now.acceptFreeBusy, disabled: !manage, onchange: change("acceptFreeBusy") },
              ),
              { help: text("policy.freeBusy.help") },
            ),
            status.access.viewRealm &&
              paragraph(
                outwardLink(context.stock("authentication/required-actions"), text("policy.defaults")),
              ),
          ),
        ),
        lists.length > 0 &&
          card(
            text("policy.who"),
            paragraph(text("policy.who.text")),
            !manageRealm && alert("info", text("policy.who.ask")),
            fields(
              ...lists,
              field(
                text("policy.calendarName"),
                input({ value: now.calendarName, readonly: !manageRealm, onchange: change("calendarName") }),
                { help: text("policy.calendarName.help") },
              ),
            ),
          ),
        failures,
        manage && buttons(saving, button(text("revert"), context.refresh, { variant: "link" })),
      ].filter(Boolean),
      () => manage && saving.click(),
    ),
  );
}

/** Members may lose their tokens by another attribute of calendar names. */
function askForce(error, force) {
  confirmed({
    title: text("policy.force.title"),
    body: [text("policy.force.text"), error.detail],
    caption: text("policy.force"),
    run: force,
  });
}

/** The policy as the controls hold it: everything a text, lists with one entry a line. */
function written(policy) {
  const inherited = policy.inherited ?? [];
  const held = { proof: policy.proof, backfill: policy.backfill, acceptFreeBusy: String(policy.acceptFreeBusy) };
  for (const name of ["notice", "wait", "optOut"]) {
    held[name] = inherited.includes(name) ? DEFAULT : String(policy[name] ?? DEFAULT);
  }
  for (const name of LISTS) {
    if (policy[name]) {
      held[name] = policy[name].join("\n");
      held.calendarName = policy.calendarName ?? "";
    }
  }
  return held;
}

/** What the API is told: only what was changed. */
function changes(before, now) {
  const read = {
    wait: Number,
    optOut: (value) => value === "true",
    calendarName: (value) => value.trim() || null,
    acceptFreeBusy: (value) => value === "true",
    ...Object.fromEntries(LISTS.map((name) => [name, lines])),
  };
  return Object.fromEntries(
    Object.entries(now)
      .filter(([name, value]) => value !== before[name])
      .map(([name, value]) => [name, value === DEFAULT ? null : (read[name] ?? String)(value)]),
  );
}

function lines(value) {
  return value
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
}

/** What to follow the realm means at the moment, as far as that is known. */
function followed(policy, name, options) {
  const present = (policy.inherited ?? []).includes(name) && options.find(([value]) => value === String(policy[name]));
  return present ? text("policy.inherit.now", present[1]) : text("policy.inherit");
}

function waits(chosen) {
  const seconds = Number(chosen);
  const all = WAITS.includes(seconds) || Number.isNaN(seconds) ? WAITS : [...WAITS, seconds].sort((a, b) => a - b);
  return all.map((each) => [String(each), each === 0 ? text("policy.wait.none") : text("policy.wait.seconds", each)]);
}
