package io.github.enterpriseconnect.admin;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import io.github.enterpriseconnect.core.Behaviour;
import io.github.enterpriseconnect.core.Policy;
import io.github.enterpriseconnect.platform.KeycloakTransactions;
import io.github.enterpriseconnect.settings.BehaviourDefaults;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.keycloak.models.GroupModel;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.models.RoleModel;
import org.keycloak.models.utils.KeycloakModelUtils;
import org.keycloak.services.ErrorResponseException;

/** A policy as the API shows it and takes it: groups by path, roles and identity providers by name. */
final class PolicyJson {
    private static final String PROOF = "proof";
    private static final String OPT_OUT = "optOut";
    private static final String NOTICE = "notice";
    private static final String WAIT = "wait";
    private static final String REQUIRED_GROUPS = "requiredGroups";
    private static final String DENIED_GROUPS = "deniedGroups";
    private static final String REQUIRED_ROLES = "requiredRoles";
    private static final String DENIED_ROLES = "deniedRoles";
    private static final String IDENTITY_PROVIDERS = "identityProviders";
    private static final String BACKFILL = "backfill";
    private static final String CALENDAR_NAME = "calendarName";
    private static final String ACCEPT_FREE_BUSY = "acceptFreeBusy";
    /** What can be written. */
    static final Set<String> MEMBERS = Set.of(
            PROOF,
            OPT_OUT,
            NOTICE,
            WAIT,
            REQUIRED_GROUPS,
            DENIED_GROUPS,
            REQUIRED_ROLES,
            DENIED_ROLES,
            IDENTITY_PROVIDERS,
            BACKFILL,
            CALENDAR_NAME,
            ACCEPT_FREE_BUSY);

    private static final Set<String> OF_THE_REALM =
            Set.of(REQUIRED_GROUPS, DENIED_GROUPS, REQUIRED_ROLES, DENIED_ROLES, IDENTITY_PROVIDERS, CALENDAR_NAME);
    private static final int MOST_NAMES = 50;

    private final KeycloakSession session;
    private final RealmModel realm;

    PolicyJson(KeycloakSession session, RealmModel realm) {
        this.session = session;
        this.realm = realm;
    }

    /**
     * The five lists and the attribute of calendar names are the realm's; they are null for those who may not see it.
     *
     * @param patience in seconds
     * @param inherited which of optOut, notice and wait follow the realm's default
     * @param unknown what a newer version has written, as it is written; null if there is nothing, and for those who may
     *     not see what belongs to the realm
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record PolicyRepresentation(
            String proof,
            boolean optOut,
            String notice,
            @JsonProperty(WAIT) long patience,
            List<String> inherited,
            @Nullable List<String> requiredGroups,
            @Nullable List<String> deniedGroups,
            @Nullable List<String> requiredRoles,
            @Nullable List<String> deniedRoles,
            @Nullable List<String> identityProviders,
            String backfill,
            @Nullable String calendarName,
            boolean acceptFreeBusy,
            @Nullable Map<String, JsonNode> unknown) {}

    PolicyRepresentation write(Policy policy, boolean rules) {
        Behaviour.Stated stated = policy.behaviour();
        Behaviour effective = stated.over(BehaviourDefaults.of(realm));
        List<String> inherited = new ArrayList<>();
        if (stated.notice() == null) {
            inherited.add(NOTICE);
        }
        if (stated.optOut() == null) {
            inherited.add(OPT_OUT);
        }
        if (stated.patience() == null) {
            inherited.add(WAIT);
        }
        return new PolicyRepresentation(
                policy.proof().id(),
                effective.optOut(),
                effective.notice().id(),
                effective.patience().toSeconds(),
                inherited,
                rules ? names(policy.requiredGroups(), this::groupPath) : null,
                rules ? names(policy.deniedGroups(), this::groupPath) : null,
                rules ? names(policy.requiredRoles(), this::roleName) : null,
                rules ? names(policy.deniedRoles(), this::roleName) : null,
                rules ? List.copyOf(new TreeSet<>(policy.identityProviders())) : null,
                policy.backfill().id(),
                rules ? policy.calendarName() : null,
                policy.acceptFreeBusy(),
                rules && !policy.unknown().isEmpty() ? unknown(policy) : null);
    }

    private static Map<String, JsonNode> unknown(Policy policy) {
        Map<String, JsonNode> unknown = new TreeMap<>();
        policy.unknown().forEach((name, text) -> unknown.put(name, JsonBody.value(text)));
        return unknown;
    }

    /** Whether the JSON says anything of groups, roles, identity providers or users' attributes. */
    static boolean namesWhatIsTheRealms(JsonNode json) {
        return json.properties().stream().map(Map.Entry::getKey).anyMatch(OF_THE_REALM::contains);
    }

    /** The policy with what the JSON says in place of what it was; answers 400 with what to write instead. */
    Policy read(JsonNode json, Policy before) {
        if (!json.isObject()
                || !json.properties().stream()
                        .allMatch(member -> MEMBERS.contains(member.getKey()) || dropped(member, before))) {
            throw wrong("policy must be an object with some of "
                    + MEMBERS.stream().sorted().collect(Collectors.joining(", "))
                    + "; what is unknown can be dropped by null");
        }
        Map<String, String> unknown = new TreeMap<>(before.unknown());
        json.properties().forEach(member -> unknown.remove(member.getKey()));
        return new Policy(
                choice(json, PROOF, Policy.Proof.class, before.proof()),
                new Behaviour.Stated(
                        stated(json, OPT_OUT, before.behaviour().optOut(), PolicyJson::optOut),
                        stated(json, NOTICE, before.behaviour().notice(), this::notice),
                        stated(json, WAIT, before.behaviour().patience(), PolicyJson::patience)),
                ids(json, REQUIRED_GROUPS, this::groupId, before.requiredGroups(), "paths of groups, like /staff"),
                ids(json, DENIED_GROUPS, this::groupId, before.deniedGroups(), "paths of groups, like /staff"),
                ids(json, REQUIRED_ROLES, this::roleId, before.requiredRoles(), "names of realm roles"),
                ids(json, DENIED_ROLES, this::roleId, before.deniedRoles(), "names of realm roles"),
                ids(
                        json,
                        IDENTITY_PROVIDERS,
                        this::identityProvider,
                        before.identityProviders(),
                        "aliases of identity providers"),
                choice(json, BACKFILL, Policy.Backfill.class, before.backfill()),
                stated(json, CALENDAR_NAME, before.calendarName(), this::calendarName),
                freeBusy(json, before.acceptFreeBusy()),
                unknown);
    }

    /** Whether it takes away what a newer version has written. */
    private static boolean dropped(Map.Entry<String, JsonNode> member, Policy before) {
        return member.getValue().isNull() && before.unknown().containsKey(member.getKey());
    }

    private static <T extends Enum<T>> T choice(JsonNode json, String name, Class<T> type, T before) {
        JsonNode value = json.get(name);
        return value == null ? before : Choice.read(name, value.textValue(), type);
    }

    /** What is written, what was stated before if nothing is, or null if JSON's null asks for the realm's default. */
    private static <T> @Nullable T stated(
            JsonNode json, String name, @Nullable T before, Function<JsonNode, T> reading) {
        JsonNode value = json.get(name);
        if (value == null) {
            return before;
        }
        return value.isNull() ? null : reading.apply(value);
    }

    private static Boolean optOut(JsonNode value) {
        if (!value.isBoolean()) {
            throw wrong(OPT_OUT + " must be true or false, or null to follow the realm's default");
        }
        return value.booleanValue();
    }

    /** The name of an attribute that says what no user can say of themselves. */
    private String calendarName(JsonNode value) {
        String attribute = String.valueOf(value.textValue());
        if (!CalendarNameAttribute.plain(attribute)) {
            throw wrong(
                    CALENDAR_NAME + " must be the name of a user attribute, like userPrincipalName: letters, digits,"
                            + " dots, underscores and hyphens, at most " + CalendarNameAttribute.LONGEST
                            + "; or null for no calendar names");
        }
        if (CalendarNameAttribute.taken(attribute)) {
            throw wrong(CALENDAR_NAME + " cannot be " + attribute
                    + ", which is something else; write another attribute, like userPrincipalName");
        }
        if (KeycloakTransactions.joined(session, realm).realm().usersWrite(attribute)) {
            throw wrong(CALENDAR_NAME + " cannot be " + attribute
                    + ", since users may write it themselves; in Realm settings, User profile, let nobody but administrators"
                    + " edit it, and do not leave unmanaged attributes enabled for everybody");
        }
        return attribute;
    }

    private static boolean freeBusy(JsonNode json, boolean before) {
        JsonNode value = json.get(ACCEPT_FREE_BUSY);
        if (value != null && !value.isBoolean()) {
            throw wrong(ACCEPT_FREE_BUSY + " must be true or false");
        }
        return value == null ? before : value.booleanValue();
    }

    /** A notice that nobody would ever get is not promised. */
    private Behaviour.Notice notice(JsonNode value) {
        Behaviour.Notice notice = Choice.read(NOTICE, value.textValue(), Behaviour.Notice.class);
        if (notice == Behaviour.Notice.EMAIL && realm.getSmtpConfig().isEmpty()) {
            throw wrong(NOTICE + " can be email once the realm has a mail server; set one in Realm settings, Email");
        }
        return notice;
    }

    private static Duration patience(JsonNode value) {
        if (!value.isIntegralNumber()
                || !value.canConvertToInt()
                || value.intValue() < 0
                || value.intValue() > Behaviour.LONGEST_WAIT.toSeconds()) {
            throw wrong(WAIT + " must be a number of seconds from 0 to " + Behaviour.LONGEST_WAIT.toSeconds()
                    + ", or null to follow the realm's default");
        }
        return Duration.ofSeconds(value.intValue());
    }

    private static Set<String> ids(
            JsonNode json, String name, Function<String, Optional<String>> id, Set<String> before, String what) {
        JsonNode value = json.get(name);
        if (value == null) {
            return before;
        }
        if (!value.isArray() || value.size() > MOST_NAMES) {
            throw wrong(name + " must be a list of " + what + ", at most " + MOST_NAMES);
        }
        Set<String> ids = new TreeSet<>();
        for (JsonNode entry : value) {
            ids.add(id.apply(String.valueOf(entry.textValue()))
                    .orElseThrow(() -> wrong(name + " must name " + what + " that the realm has; it has no "
                            + (entry.isTextual() ? entry.textValue() : entry))));
        }
        return ids;
    }

    private Optional<String> groupId(String path) {
        return path.startsWith("/")
                ? Optional.ofNullable(KeycloakModelUtils.findGroupByPath(session, realm, path))
                        .map(GroupModel::getId)
                : Optional.empty();
    }

    private Optional<String> roleId(String name) {
        return Optional.ofNullable(realm.getRole(name)).map(RoleModel::getId);
    }

    private Optional<String> identityProvider(String alias) {
        return session.identityProviders().getByAlias(alias) == null ? Optional.empty() : Optional.of(alias);
    }

    private String groupPath(String id) {
        GroupModel group = realm.getGroupById(id);
        return group == null ? id : KeycloakModelUtils.buildGroupPath(group);
    }

    private String roleName(String id) {
        RoleModel role = realm.getRoleById(id);
        return role == null ? id : Objects.requireNonNull(role.getName());
    }

    private static List<String> names(Set<String> ids, Function<String, String> name) {
        return ids.stream().map(name).sorted().toList();
    }

    private static ErrorResponseException wrong(String message) {
        return RequestRefused.because(message + ".", Response.Status.BAD_REQUEST);
    }
}
