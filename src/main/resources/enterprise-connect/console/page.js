/** What the server wrote into the document, and the realm that the page is about. */

/**
 * `realm`: the one that serves the page. `master`: the one where the server's administrators sign in. `address`: of the page,
 * in full. `base`: the path of its files. `server` and `admin`: base addresses of Keycloak and of its admin API. `client`: the
 * client id to sign in with. `dark`: whether the page turns dark where the system is. `version`: of the extension.
 */
export const page = document.documentElement.dataset;

/** Whether the page is served from master. An administrator of the server may then name another realm in the address. */
export const inMaster = page.realm === page.master;

/** The name of the realm that the page is about; null where it is still to be chosen. */
export function target() {
  return inMaster ? new URLSearchParams(location.search).get("realm") : page.realm;
}
