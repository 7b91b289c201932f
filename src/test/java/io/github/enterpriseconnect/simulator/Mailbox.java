package io.github.enterpriseconnect.simulator;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** A person's, room's or shared mailbox that was authorized: one profile with one calendar (contract 2.1, 5). */
final class Mailbox extends Account {
    private final String address;
    private final Set<String> parents = ConcurrentHashMap.newKeySet();
    private final Set<String> unrestricted = ConcurrentHashMap.newKeySet();
    private volatile @Nullable String parent;
    private volatile boolean profileRevoked;

    Mailbox(Application application, String sub, String address) {
        super(application, sub);
        this.address = address;
    }

    /** The service account by which it was authorized last; null when its owner did so himself. */
    @Nullable String parent() {
        return parent;
    }

    boolean wasAuthorizedBy(String serviceAccount) {
        return parents.contains(serviceAccount);
    }

    void authorized(Scopes granted, @Nullable String by) {
        if (!live()) {
            parents.clear();
        }
        if (by != null) {
            parents.add(by);
        }
        parent = by;
        profileRevoked = false;
        authorized(granted);
    }

    void profileRevoked() {
        profileRevoked = true;
    }

    boolean hasProfile() {
        return !profileRevoked;
    }

    void unrestricted(Collection<String> calendars, boolean raised) {
        if (raised) {
            unrestricted.addAll(calendars);
        } else {
            unrestricted.removeAll(calendars);
        }
    }

    String profileId() {
        return application().identifier("pro", address.toLowerCase(Locale.ROOT));
    }

    /** The one calendar; the form is {@code cal_<profile part>_<part>} (contract 0). */
    String calendarId() {
        return "cal_" + profileId().substring(4, 20) + "_" + sub().substring(4, 20);
    }

    boolean connected(Switches switches) {
        return !switches.covers(Switch.DISCONNECTED, address);
    }

    /** Nothing while the first sync runs (contract 5.4) or without a profile (contract 4.2). */
    List<ObjectNode> calendars(Switches switches) {
        return hasProfile() && !switches.covers(Switch.INITIAL_SYNC, address) ? List.of(calendar()) : List.of();
    }

    /** Contract 5.2. */
    List<ObjectNode> profiles(Switches switches) {
        if (!hasProfile()) {
            return List.of();
        }
        ObjectNode profile = profile(switches).put("profile_connected", connected(switches));
        addRelinkUrl(profile, switches);
        return new ArrayList<>(List.of(profile));
    }

    /** The profile's name, as calendars and token answers give it too. */
    ObjectNode profile(Switches switches) {
        ObjectNode profile = Json.object().put("provider_name", switches.get(Switch.PROVIDER_NAME));
        String service = switches.get(Switch.PROVIDER_SERVICE);
        if (!service.isEmpty()) {
            profile.put("provider_service", service);
        }
        return profile.put("profile_id", profileId())
                .put("profile_name", new PrincipalNames(switches).ofProfile(address));
    }

    @Override
    String kind() {
        return "account";
    }

    @Override
    String address() {
        return address;
    }

    @Override
    int tokenSeconds(Switches switches) {
        return switches.get(Switch.USER_TOKEN_SECONDS);
    }

    @Override
    void addToTokenAnswer(ObjectNode answer, Switches switches) {
        answer.put("account_id", sub()).put("sub", sub());
        ObjectNode profile = profile(switches);
        if (switches.get(Switch.TOKEN_PROFILE_STATE)) {
            profile.put("profile_connected", connected(switches))
                    .put("profile_initial_sync_required", switches.covers(Switch.INITIAL_SYNC, address));
        }
        answer.set("linking_profile", profile);
        if (switches.get(Switch.TOKEN_USERINFO)) {
            answer.set("userinfo", userinfo(switches));
        }
    }

    @Override
    ObjectNode userinfo(Switches switches) {
        ObjectNode info = Json.object()
                .put("sub", sub())
                .put("email", address)
                .put("name", name())
                .put("zoneinfo", "Europe/Berlin")
                .put("cronofy.type", kind());
        ObjectNode data = info.putObject("cronofy.data");
        data.putObject("authorization")
                .put("scope", scope().text())
                .put("status", switches.get(Switch.AUTHORIZATION_STATUS));
        List<ObjectNode> profiles = profiles(switches);
        profiles.forEach(
                profile -> profile.put("profile_initial_sync_required", switches.covers(Switch.INITIAL_SYNC, address))
                        .set("profile_calendars", Json.array(calendars(switches))));
        data.set("profiles", Json.array(profiles));
        data.putArray("conferencing_profiles");
        return info;
    }

    @Override
    ObjectNode account() {
        ObjectNode answer = Json.object();
        answer.putObject("account")
                .put("account_id", sub())
                .put("email", address)
                .put("name", name())
                .put("scope", scope().text())
                .put("default_tzid", "Etc/UTC");
        return answer;
    }

    private ObjectNode calendar() {
        return Json.object()
                .put("calendar_id", calendarId())
                .put("calendar_name", "Calendar")
                .put("calendar_readonly", false)
                .put("calendar_deleted", false)
                .put("calendar_primary", true)
                .put("calendar_integrated_conferencing_available", true)
                .put("calendar_attachments_available", false)
                .put("permission_level", unrestricted.contains(calendarId()) ? "unrestricted" : "sandbox");
    }

    private String name() {
        return address.substring(0, Math.max(0, address.indexOf('@')));
    }

    /** Where it leads is invented; for Enterprise Connect it may be absent (contract 12). */
    private void addRelinkUrl(ObjectNode profile, Switches switches) {
        if (!connected(switches) && switches.get(Switch.RELINK_URL)) {
            profile.put("profile_relink_url", "https://app.cronofy.com/relink/" + profileId());
        }
    }
}
