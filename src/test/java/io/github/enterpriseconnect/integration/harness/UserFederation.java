package io.github.enterpriseconnect.integration.harness;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** A directory as a realm's user storage, and what administrators do with it. */
public final class UserFederation {
    /** How Keycloak deals with the people of a directory. */
    public enum Mode {
        READ_ONLY("READ_ONLY", true),
        WRITABLE("WRITABLE", true),
        UNSYNCED("UNSYNCED", true),
        NOT_IMPORTED("READ_ONLY", false),
        NOT_IMPORTED_WRITABLE("WRITABLE", false);

        private final String editMode;
        private final boolean imports;

        Mode(String editMode, boolean imports) {
            this.editMode = editMode;
            this.imports = imports;
        }

        /** Whether Keycloak keeps a copy of the people in its own database. */
        public boolean imports() {
            return imports;
        }

        /** Whether Keycloak may change the directory. */
        public boolean writable() {
            return editMode.equals("WRITABLE");
        }
    }

    private final AdminClient admin;
    private final String realm;
    private final String id;

    private UserFederation(AdminClient admin, String realm, String id) {
        this.admin = admin;
        this.realm = realm;
        this.id = id;
    }

    /** Has the realm trust the directory's addresses. */
    public static UserFederation add(AdminClient admin, String realm, LdapDirectory directory, Mode mode) {
        return add(admin, realm, directory, mode, Map.of());
    }

    /** With options of the component in place of the usual ones, or besides. */
    public static UserFederation add(
            AdminClient admin, String realm, LdapDirectory directory, Mode mode, Map<String, String> options) {
        Map<String, String> config = new TreeMap<>(Map.ofEntries(
                Map.entry("enabled", "true"),
                Map.entry("vendor", "other"),
                Map.entry("connectionUrl", directory.url()),
                Map.entry("authType", "simple"),
                Map.entry("bindDn", LdapDirectory.MANAGER),
                Map.entry("bindCredential", LdapDirectory.MANAGER_PASSWORD),
                Map.entry("usersDn", LdapDirectory.PEOPLE),
                Map.entry("searchScope", "1"),
                Map.entry("usernameLDAPAttribute", "uid"),
                Map.entry("rdnLDAPAttribute", "uid"),
                Map.entry("uuidLDAPAttribute", "entryUUID"),
                Map.entry("userObjectClasses", "inetOrgPerson"),
                Map.entry("editMode", mode.editMode),
                Map.entry("importEnabled", String.valueOf(mode.imports)),
                Map.entry("trustEmail", "true")));
        config.putAll(options);
        String id = admin.post(
                        "/admin/realms/" + realm + "/components",
                        Map.of(
                                "name",
                                "directory",
                                "providerId",
                                "ldap",
                                "providerType",
                                "org.keycloak.storage.UserStorageProvider",
                                "config",
                                config.entrySet().stream()
                                        .collect(Collectors.toMap(
                                                Map.Entry::getKey, option -> List.of(option.getValue())))))
                .expect(201)
                .createdId();
        return new UserFederation(admin, realm, id);
    }

    /** Takes the directory for an Active Directory, which says itself whose account is disabled. */
    public void readAccountControl() {
        admin.post(
                        "/admin/realms/" + realm + "/components",
                        Map.of(
                                "name",
                                "account control",
                                "providerId",
                                "msad-user-account-control-mapper",
                                "providerType",
                                "org.keycloak.storage.ldap.mappers.LDAPStorageMapper",
                                "parentId",
                                id,
                                "config",
                                Map.of("always.read.enabled.value.from.ldap", List.of("true"))))
                .expect(201);
    }

    /**
     * Has users' attribute say what an attribute of the directory's does, and not be written there.
     *
     * @param alwaysRead whether from the directory each time, rather than from what was imported
     */
    public void mapAttribute(String attribute, String ofDirectory, boolean alwaysRead) {
        admin.post(
                        "/admin/realms/" + realm + "/components",
                        Map.of(
                                "name",
                                attribute,
                                "providerId",
                                "user-attribute-ldap-mapper",
                                "providerType",
                                "org.keycloak.storage.ldap.mappers.LDAPStorageMapper",
                                "parentId",
                                id,
                                "config",
                                Map.ofEntries(
                                        option("user.model.attribute", attribute),
                                        option("ldap.attribute", ofDirectory),
                                        option("read.only", "true"),
                                        option("always.read.value.from.ldap", String.valueOf(alwaysRead)),
                                        option("is.mandatory.in.ldap", "false"))))
                .expect(201);
    }

    /** Gives the realm the directory's groups; who is in one is known by the directory alone. */
    public void mapGroups() {
        String mapper = admin.post(
                        "/admin/realms/" + realm + "/components",
                        Map.of(
                                "name",
                                "groups",
                                "providerId",
                                "group-ldap-mapper",
                                "providerType",
                                "org.keycloak.storage.ldap.mappers.LDAPStorageMapper",
                                "parentId",
                                id,
                                "config",
                                Map.ofEntries(
                                        option("groups.dn", LdapDirectory.GROUPS),
                                        option("group.name.ldap.attribute", "cn"),
                                        option("group.object.classes", "groupOfNames"),
                                        option("preserve.group.inheritance", "false"),
                                        option("membership.ldap.attribute", "member"),
                                        option("membership.attribute.type", "DN"),
                                        option("membership.user.ldap.attribute", "uid"),
                                        option("mode", "READ_ONLY"),
                                        option("user.roles.retrieve.strategy", "LOAD_GROUPS_BY_MEMBER_ATTRIBUTE"),
                                        option("groups.path", "/"))))
                .expect(201)
                .createdId();
        action("mappers/" + mapper + "/sync?direction=fedToKeycloak").expect(200);
    }

    private static Map.Entry<String, List<String>> option(String name, String value) {
        return Map.entry(name, List.of(value));
    }

    /** Imports everybody, and brings those up to date who have been imported. */
    public JsonNode syncAll() {
        return action("sync?action=triggerFullSync").expect(200).json();
    }

    /** The same with those whose entries have changed since the last time. */
    public JsonNode syncChanged() {
        return action("sync?action=triggerChangedUsersSync").expect(200).json();
    }

    /** Has Keycloak forget who was imported; the directory stays as it is. */
    public void removeImported() {
        action("remove-imported-users").expect(204);
    }

    private Answer action(String action) {
        return admin.post("/admin/realms/" + realm + "/user-storage/" + id + "/" + action, Map.of());
    }

    /** Has Keycloak look into the directory when it needs somebody the next time. */
    public void forgetCached() {
        admin.post("/admin/realms/" + realm + "/clear-user-cache", Map.of()).expect(204);
    }

    public void switchOn(boolean enabled) {
        String path = "/admin/realms/" + realm + "/components/" + id;
        ObjectNode component = (ObjectNode) admin.get(path).expect(200).json();
        component.withObject("/config").putArray("enabled").add(String.valueOf(enabled));
        admin.put(path, component).expect(204);
    }

    /** Parts the realm from the directory. */
    public void remove() {
        admin.delete("/admin/realms/" + realm + "/components/" + id).expect(204);
    }
}
