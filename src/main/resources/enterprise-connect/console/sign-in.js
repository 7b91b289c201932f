/** Ways to sign in, and out again: in the realm that the page is about, or in master as an administrator of the server. */

import { alert } from "./alerts.js";
import { tellFailure } from "./dialog.js";
import { stop } from "./frame.js";
import { inMaster, page, target } from "./page.js";
import * as session from "./session.js";
import { text } from "./texts.js";
import * as unsaved from "./unsaved.js";
import { button, paragraph } from "./view.js";

/** Whether somebody is signed in. If nobody is, the page leaves to sign in, or shows the ways to do so. */
export async function signedIn() {
  const arrival = await session.arrive();
  if (arrival.outcome === "signed-in") {
    return true;
  }
  if (arrival.outcome === "refused") {
    await tryMaster();
  } else if (arrival.outcome === "failed") {
    chooseWay(arrival.detail);
  } else {
    const intent = session.intent();
    if (intent === "choose") {
      chooseWay();
    } else {
      await session.signIn({ silent: intent !== "interactive" });
    }
  }
  return false;
}

/** Nobody is signed in to this realm: perhaps an administrator of the server is, to master. */
async function tryMaster() {
  if (!inMaster) {
    if (await served(page.master)) {
      location.replace(`${session.consoleOf(page.master)}?realm=${encodeURIComponent(page.realm)}${location.hash}`);
      return;
    }
    chooseWay();
  } else if (target()) {
    chooseWay();
  } else {
    await session.signIn();
  }
}

async function served(realm) {
  try {
    const answer = await fetch(session.consoleOf(realm), { signal: AbortSignal.timeout(10000) });
    return answer.ok;
  } catch {
    return false;
  }
}

/** Leaves to sign in somebody of a realm, and comes back for the realm that the page is about. */
function signInAt(realm) {
  const about = target() ?? page.realm;
  if (realm === page.realm) {
    return session.signIn();
  }
  session.intend(realm, "interactive");
  const query = realm === page.master ? `?realm=${encodeURIComponent(about)}` : "";
  location.assign(session.consoleOf(realm) + query + location.hash);
  return new Promise(() => {});
}

function chooseWay(problem) {
  stop(text("signIn.title"), {
    body: [
      problem !== undefined && alert("danger", text("signIn.failed"), { body: problem && paragraph(problem), live: true }),
      paragraph(text("signIn.text")),
    ],
    actions: ways(),
    glyph: "user",
  });
}

function ways() {
  const about = target() ?? page.realm;
  const ofServer = button(text("signIn.server"), () => signInAt(page.master), {
    variant: about === page.master ? "primary" : "secondary",
  });
  return about === page.master
    ? [ofServer]
    : [button(text("signIn.realm", about), () => signInAt(about), { variant: "primary" }), ofServer];
}

/** Tells who is signed in that they may not see the realm, and who else could. */
export function denied() {
  const about = target();
  const { name, username } = session.identity();
  stop(text("denied.title", about), {
    body: paragraph(text("denied.text", name === username ? name : `${name} (${username})`, page.realm)),
    actions: [
      button(text("signIn.somebodyElse"), leave, { variant: "primary" }),
      about !== page.master &&
        (inMaster
          ? button(text("signIn.realm", about), () => signInAt(about))
          : button(text("signIn.server"), () => signInAt(page.master))),
    ].filter(Boolean),
    glyph: "lock",
  });
}

/** Signs out, and shows the ways to sign in. */
export async function leave() {
  try {
    await session.signOut();
  } catch (error) {
    tellFailure(error);
    return;
  }
  session.intend(page.realm, "choose");
  unsaved.forget();
  location.replace(location.pathname + location.search);
}
