/** What the server wrote into the document, and the realm that the page is about. */

/**
 * `realm`: served from here · `master`: the server's administrators sign in there · `address`: of this page, in full ·
 * `base`: where its files are · `server`, `admin`: Keycloak, and its admin API · `client`: signs in · `dark`: follow the
 * system into darkness · `version`: of the extension.
 */
export const page = document.documentElement.dataset;

/** Whether the page is served from master. An administrator of the server may then name another realm in the address. */
export const inMaster = page.realm === page.master;

/** The name of the realm that the page is about; null where it is still to be chosen. */
export function target() {
  return inMaster ? new URLSearchParams(location.search).get("realm") : page.realm;
}
