/** The realm's settings: its switches, the application at Cronofy, and the consumers. */

import { alert, fill, showing, warningAlerts } from "./alerts.js";
import { path } from "./api.js";
import { consumersCard } from "./consumers.js";
import { confirmed, tell } from "./dialog.js";
import { check, field, fields, form, group, input, select, toggle } from "./form.js";
import { realmSwitch } from "./suspension.js";
import { text, word } from "./texts.js";
import { button, buttons, card, descriptions, el, paragraph, spinner } from "./view.js";

const DATA_CENTERS = ["us", "uk", "de", "au", "ca", "sg"];
const SCOPE = "service_account/accounts/manage";
const DELEGATED_SCOPE = "read_write";

export async function show(context) {
  const { api, signal } = context;
  const body = context.open({ title: text("settings.title"), subtitle: text("settings.subtitle") });
  await fill(
    body,
    signal,
    async () => {
      const [{ value: settings, version }, suspension] = await Promise.all([
        api.read("settings", signal),
        api.get("suspension", {}, signal),
        context.renew(),
      ]);
      const suspensions = await Promise.all(
        settings.consumers.map(({ clientId }) => api.get(path`consumers/${clientId}/suspension`, {}, signal).catch(() => undefined)),
      );
      return { settings, version, suspension, suspensions };
    },
    (answer) => content(context, answer),
  );
}

function content(context, { settings, version, suspension, suspensions }) {
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

  const flag = (name) =>
    check(word("settings.watch", name), {
      checked: now[name],
      disabled: readonly,
      help: word("settings.watch.help", name),
      onchange: change(name),
    });

  const outcome = el("div", {});
  const failures = el("div", {});
  const put = async (place) => {
    await api.put(place, sent(now), version);
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
    const { ok, problem, clientSecret, nextClientSecret } = await api.post("settings/test", sent(now));
    const both = nextClientSecret && secrets(clientSecret, nextClientSecret);
    outcome.replaceChildren(
      ok
        ? alert("success", text("settings.test.ok"), { body: both, live: true })
        : alert("danger", text("settings.test.failed"), { body: both ?? paragraph(problem), live: true }),
    );
  });
  const finish = showing(outcome, async () => {
    await api.post("settings/rotation");
    tell(text("settings.rotation.finished"));
    await context.renew();
    await context.refresh();
  });

  return form(
    [
      readonly && alert("info", text("settings.readonly")),
      ...warningAlerts(status),
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
          line("nextClientSecret", text("settings.nextClientSecret"), text("settings.nextClientSecret.help"), { type: "password", autocomplete: "new-password", onfocus: (event) => event.target.select() }),
          !readonly &&
            el(
              "div",
              { class: "ec-stack" },
              buttons(button(text("settings.test"), test), settings.nextClientSecret && button(text("settings.rotation.finish"), finish)),
              outcome,
            ),
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
          group(text("settings.watching"), [flag("watchServiceAccounts"), flag("watchProfiles")]),
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
      realmSwitch(context, suspension, readonly),
    ].filter(Boolean),
    () => !readonly && saving.click(),
  );
}

/** The settings with what the server leaves out, so that two of them can be compared. */
function normal({ enabled, dataCenter, clientId, clientSecret, nextClientSecret, scope, delegatedScope, publicUrl, signatureRequired, watchServiceAccounts, watchProfiles, consumers }) {
  return {
    enabled,
    dataCenter: dataCenter ?? "us",
    clientId: clientId ?? "",
    clientSecret: clientSecret ?? "",
    nextClientSecret: nextClientSecret ?? "",
    scope: scope ?? SCOPE,
    delegatedScope: delegatedScope ?? DELEGATED_SCOPE,
    publicUrl: publicUrl ?? "",
    signatureRequired,
    watchServiceAccounts,
    watchProfiles,
    // With whatever else a consumer has: what is left out of a PUT goes.
    consumers: consumers.map((consumer) => ({ ...consumer })),
  };
}

/** What the API is told: no empty texts, but for the one by which a rotation is given up. */
function sent(now) {
  return Object.fromEntries(Object.entries(now).filter(([name, value]) => value !== "" || name === "nextClientSecret"));
}

/** Which of two secrets Cronofy accepts. */
function secrets(present, next) {
  const told = ({ ok, problem }) => (ok ? text("settings.test.accepted") : problem);
  return descriptions([
    [text("settings.clientSecret"), told(present)],
    [text("settings.nextClientSecret"), told(next)],
  ]);
}

function askForce(error, force) {
  confirmed({
    title: text("settings.force.title"),
    body: [text("settings.force.text"), error.detail],
    caption: text("settings.force"),
    run: force,
  });
}
