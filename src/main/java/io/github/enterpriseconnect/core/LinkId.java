package io.github.enterpriseconnect.core;

/**
 * Names one link.
 *
 * @param realm the realm's id (not its name)
 * @param name the organization's id, or {@value #REALM} in a realm without organizations
 */
public record LinkId(String realm, String name) {
    /** The one link of a realm whose Organizations are off. */
    public static final String REALM = "realm";

    public boolean ofRealm() {
        return REALM.equals(name);
    }
}
