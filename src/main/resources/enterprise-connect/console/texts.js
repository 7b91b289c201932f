/** The page's words, dates and numbers in one language. A text that is missing shows its key, so that somebody notices. */

const RIGHT_TO_LEFT = ["ar", "dv", "fa", "he", "ku", "ps", "ur", "yi"];

let texts = {};
let dates = new Intl.DateTimeFormat();
let numbers = new Intl.NumberFormat();

/** Fetches the texts of the language, and turns the document to it. */
export async function speak(base, language) {
  const answer = await fetch(`${base}texts/${encodeURIComponent(language)}`, {
    signal: AbortSignal.timeout(20000),
    headers: { Accept: "application/json" },
  });
  if (!answer.ok) {
    throw new Error(`The texts were answered with ${answer.status}`);
  }
  texts = await answer.json();
  const tag = known(language);
  dates = new Intl.DateTimeFormat(tag, { dateStyle: "medium", timeStyle: "short" });
  numbers = new Intl.NumberFormat(tag);
  document.documentElement.lang = language;
  document.documentElement.dir = RIGHT_TO_LEFT.includes(language.split("-")[0]) ? "rtl" : "ltr";
}

/** Keycloak's own tags are not all well formed. */
function known(language) {
  try {
    return Intl.DateTimeFormat.supportedLocalesOf(language)[0];
  } catch {
    return undefined;
  }
}

/** The text of a key, its placeholders filled. */
export function text(key, ...values) {
  const found = texts[key];
  return found === undefined ? key : fill(found, values);
}

/** The word for one of the API's ids, such as a state or a reason; of an id that is newer than this page, the id. */
export function word(family, id) {
  return texts[`${family}.${id}`] ?? id;
}

function fill(template, values) {
  return template.replace(/\{(\d)\}/g, (placeholder, index) => {
    const value = values[Number(index)];
    return typeof value === "number" ? number(value) : String(value ?? placeholder);
  });
}

/** A moment as the API writes it, in the reader's language and time zone. */
export function moment(instant) {
  return dates.format(new Date(instant));
}

/** From one number to another, as the language writes it. */
export function span(from, to) {
  return from === to ? number(to) : numbers.formatRange(from, to);
}

/** A count. */
export function number(count) {
  return numbers.format(count);
}
