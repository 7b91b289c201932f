/** The start of the page: finds out who is signed in and what they may see, and puts frame and navigation in place. */

import { failureAlert, failureTitle } from "./alerts.js";
import { Failure } from "./api.js";
import { frame, stop } from "./frame.js";
import { Navigation } from "./navigation.js";
import { page, target } from "./page.js";
import { Realm } from "./realm.js";
import { chooseRealm } from "./realms.js";
import * as session from "./session.js";
import { denied, leave, signedIn } from "./sign-in.js";
import { speak, text } from "./texts.js";
import { button, el, paragraph, spinner } from "./view.js";

async function boot() {
  if (location.origin + location.pathname !== new URL(page.address).href) {
    // What a sign-in keeps for its return belongs to one host, and Keycloak returns to this address alone.
    location.replace(page.address + location.search + location.hash);
    return;
  }
  followDarkness();
  document.body.append(el("div", { class: "ec-waiting", id: "ec-boot" }, spinner("xl")));
  await speak(page.base, document.documentElement.lang);
  if (!globalThis.crypto?.subtle) {
    stop(text("insecure.title"), { body: paragraph(text("insecure.text")) });
    return;
  }
  document.addEventListener("sign-in", () => session.signIn({ silent: true }));
  if (await signedIn()) {
    await start();
  }
}

function followDarkness() {
  if (page.dark !== "true") {
    return;
  }
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const follow = () => document.documentElement.classList.toggle("pf-v5-theme-dark", dark.matches);
  dark.addEventListener("change", follow);
  follow();
}

/** Somebody is signed in. */
async function start() {
  const { locale } = session.identity();
  if (locale && locale !== document.documentElement.lang) {
    await speak(page.base, locale);
  }
  const name = target();
  if (!name) {
    await chooseRealm();
    return;
  }
  const realm = new Realm(name);
  try {
    await realm.renew();
  } catch (error) {
    if (signInHelps(error)) {
      await session.signIn({ silent: true });
    } else if (error.kind === "forbidden") {
      denied();
    } else {
      stop(failureTitle(error), {
        body: error.detail && paragraph(error.detail),
        actions: [
          button(text("tryAgain"), start, { variant: "primary" }),
          button(text("signIn.somebodyElse"), leave),
        ],
      });
    }
    return;
  }
  frame(realm, leave);
  document.addEventListener("failure", ({ detail }) => {
    if (signInHelps(detail)) {
      session.signIn({ silent: true });
    }
  });
  await new Navigation(realm).begin();
}

/** Whether the session has ended, and not only just begun: then to sign in once more would not help. */
function signInHelps(failure) {
  return failure.kind === "expired" && !session.fresh();
}

boot().catch((error) => {
  console.error(error);
  document.body.replaceChildren(
    el("main", { class: "ec-alone" }, failureAlert(error instanceof Failure ? error : { kind: "unreachable" }, () => location.reload())),
  );
});
