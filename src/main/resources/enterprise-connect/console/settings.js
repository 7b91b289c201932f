/** The realm's settings: the application at Cronofy, the applications that may fetch tokens, and the realm's switches. */

import { alert, fill, showing } from "./alerts.js";
import { path } from "./api.js";
import { confirmed, tell, telling } from "./dialog.js";
import { area, check, field, fields, form, group, input, select, toggle } from "./form.js";
import { suspendedLabel } from "./labels.js";
import { text, word } from "./texts.js";
import { button, buttons, card, el, paragraph, spinner, time } from "./view.js";

const DATA_CENTERS = ["us", "uk", "de", "au", "ca", "sg"];
const RIGHTS = ["member", "offline", "resource"];
const SCOPE = "service_account/accounts/manage";
const DELEGATED_SCOPE = "read_write";

export async function show(context) {
  const { api, signal } = context;
  const body = context.open({ title: text("settings.title"), subtitle: text("settings.subtitle") });
  await fill(
    body,
    signal,
    async () => {
      const [settings, suspension] = await Promise.all([
        api.get("settings", {}, signal),
        api.get("suspension", {}, signal),
        context.renew(),
      ]);
      const suspensions = await Promise.all(
        settings.consumers.map(({ clientId }) => api.get(path`consumers/${clientId}/suspension`, {}, signal).catch(() => undefined)),
      );
      return { settings, suspension, suspensions };
    },
    (answer) => content(context, answer),
  );
}

function content(context, { settings, suspension, suspensions }) {
  const { api, status } = context;
  const readonly = !status.access.manageRealm;
  let saved = JSON.stringify(normal(settings));
  const now = JSON.parse(saved);
  context.guard(() => !readonly && JSON.stringify(now) !== saved);
  const change = (name) => (value) => {
    now[name] = typeof value === "string" ? value.trim() : value;
  };
  const line = (name, caption, help, more = {}) =>
    field(caption, input({ value: now[name], readonly, onchange: change(name), ...more }), { help });

  const outcome = el("div", {});
  const failures = el("div", {});
  const put = async (place) => {
    await api.put(place, sent(now));
    saved = JSON.stringify(now);
    tell(text("settings.saved"));
    await context.renew();
    await context.refresh();
  };
  const save = showing(failures, async () => {
    try {
      await put("settings");
    } catch (error) {
      if (error.kind !== "conflict") {
        throw error;
      }
      askForce(error, () => put("settings?force=true"));
    }
  });
  const saving = button(text("save"), save, { variant: "primary" });
  const test = showing(outcome, async () => {
    outcome.replaceChildren(spinner());
    const { ok, problem } = await api.post("settings/test", sent(now));
    outcome.replaceChildren(
      ok
        ? alert("success", text("settings.test.ok"), { live: true })
        : alert("danger", text("settings.test.failed"), { body: paragraph(problem), live: true }),
    );
  });

  return form(
    [
      readonly && alert("info", text("settings.readonly")),
      card(
        text("settings.switch.title"),
        paragraph(text("settings.switch.text")),
        toggle(text("settings.switch"), { checked: now.enabled, disabled: readonly, onchange: change("enabled") }),
      ),
      card(
        text("settings.application"),
        paragraph(text("settings.application.text")),
        fields(
          field(
            text("settings.dataCenter"),
            select(
              DATA_CENTERS.map((id) => [id, word("dataCenter", id)]),
              { value: now.dataCenter, disabled: readonly, onchange: change("dataCenter") },
            ),
            { help: text("settings.dataCenter.help") },
          ),
          line("clientId", text("settings.clientId"), text("settings.clientId.help")),
          line("clientSecret", text("settings.clientSecret"), text("settings.clientSecret.help", "${vault.cronofy}"), { type: "password", autocomplete: "new-password", onfocus: (event) => event.target.select() }),
          !readonly && el("div", { class: "ec-stack" }, buttons(button(text("settings.test"), test)), outcome),
        ),
      ),
      card(
        text("settings.access"),
        fields(
          line("scope", text("settings.scope"), text("settings.scope.help")),
          line("delegatedScope", text("settings.delegatedScope"), text("settings.delegatedScope.help")),
          line("publicUrl", text("settings.publicUrl"), text("settings.publicUrl.help"), { type: "url", placeholder: "https://id.example.com" }),
          group(text("settings.callbacks"), [
            check(text("settings.signatureRequired"), {
              checked: now.signatureRequired,
              disabled: readonly,
              help: text("settings.signatureRequired.help"),
              onchange: change("signatureRequired"),
            }),
          ]),
        ),
      ),
      consumersCard(context, now, readonly, suspensions),
      failures,
      !readonly &&
        el(
          "div",
          { class: "ec-buttons ec-save" },
          saving,
          button(text("revert"), context.refresh, { variant: "link" }),
        ),
      killSwitch(context, suspension, readonly),
    ].filter(Boolean),
    () => !readonly && saving.click(),
  );
}

/** The settings with what the server leaves out, so that two of them can be compared. */
function normal({ enabled, dataCenter, clientId, clientSecret, scope, delegatedScope, publicUrl, signatureRequired, consumers }) {
  return {
    enabled,
    dataCenter: dataCenter ?? "us",
    clientId: clientId ?? "",
    clientSecret: clientSecret ?? "",
    scope: scope ?? SCOPE,
    delegatedScope: delegatedScope ?? DELEGATED_SCOPE,
    publicUrl: publicUrl ?? "",
    signatureRequired,
    consumers: consumers.map((consumer) => ({ clientId: consumer.clientId, rights: consumer.rights, links: consumer.links ?? [] })),
  };
}

/** What the API is told: no empty texts, and no empty limits. */
function sent(now) {
  const { consumers, ...rest } = now;
  return {
    ...Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== "")),
    consumers: consumers.map(({ links, ...consumer }) => (links.length ? { ...consumer, links } : consumer)),
  };
}

function askForce(error, force) {
  confirmed({
    title: text("settings.force.title"),
    body: [text("settings.force.text"), error.detail],
    caption: text("settings.force"),
    run: force,
  });
}

function consumersCard(context, now, readonly, suspensions) {
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
      now.consumers.push({ clientId: "", rights: ["member"], links: [] });
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
      field(
        text("consumers.links"),
        area({
          value: consumer.links.join("\n"),
          readonly,
          rows: 2,
          onchange: (value) => {
            consumer.links = value.split(/\s+/).filter(Boolean);
          },
        }),
        { help: text("consumers.links.help") },
      ),
      !readonly &&
        buttons(
          suspension && suspensionButton(context, consumer.clientId, suspension, redraw),
          button(text("remove"), remove, { variant: "link", about: name() }),
        ),
    ),
  );
}

function suspensionButton(context, clientId, suspension, redraw) {
  const place = path`consumers/${clientId}/suspension`;
  const done = (suspended, message) => {
    suspension.suspended = suspended;
    tell(message);
    redraw();
  };
  return suspension.suspended
    ? button(
        text("resume"),
        telling(async () => {
          await context.api.delete(place);
          done(false, text("suspension.resumed", clientId));
        }),
        { about: clientId },
      )
    : button(
        text("suspend"),
        () =>
          confirmed({
            title: text("consumers.suspend.title", clientId),
            body: text("consumers.suspend.text"),
            caption: text("suspend"),
            run: async (close) => {
              await context.api.put(place);
              close();
              done(true, text("suspension.suspended", clientId));
            },
          }),
        { about: clientId },
      );
}

function killSwitch(context, { suspended, since }, readonly) {
  const { api, realm } = context;
  const done = async (message) => {
    tell(message);
    await context.renew();
    if (!context.dirty()) {
      await context.refresh();
    }
  };
  const act = suspended
    ? button(
        text("kill.resume"),
        telling(async () => {
          await api.delete("suspension");
          await done(text("suspension.resumed", realm));
        }),
        { variant: "primary" },
      )
    : button(
        text("kill.suspend"),
        () =>
          confirmed({
            title: text("kill.question", realm),
            body: text("kill.text"),
            caption: text("kill.suspend"),
            run: async (close) => {
              await api.put("suspension");
              close();
              await done(text("suspension.suspended", realm));
            },
          }),
        { variant: "danger" },
      );
  return card(
    text("kill.title"),
    suspended
      ? alert("warning", text("banner.suspended"), { body: paragraph(text("since"), " ", time(since)) })
      : paragraph(text("kill.text")),
    !readonly && el("div", { class: "ec-below" }, act),
  );
}
