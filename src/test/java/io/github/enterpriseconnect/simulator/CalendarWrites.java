package io.github.enterpriseconnect.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;

/** Events, permissions, profiles: what changes something for one account (contract 4.2, 5.5, 5.6). */
final class CalendarWrites {
    private final Bearers bearers;
    private final Registry registry;
    private final Switches switches;
    private final ManagedEvents managed;
    private final Channels channels;

    CalendarWrites(Bearers bearers, Registry registry, Switches switches, ManagedEvents managed, Channels channels) {
        this.bearers = bearers;
        this.registry = registry;
        this.switches = switches;
        this.managed = managed;
        this.channels = channels;
    }

    /** {@code POST /v1/calendars/{id}/events}. */
    Answer putEvent(ReceivedRequest request, String calendarId) {
        Mailbox mailbox = mailbox(request, calendarId, "create_event");
        ObjectNode event = request.members();
        String eventId = required(event, "event_id");
        required(event, "start");
        required(event, "end");
        event.put("calendar_id", calendarId)
                .put("event_uid", mailbox.application().identifier("evt_external", mailbox.sub() + eventId))
                .put("deleted", false);
        managed.put(mailbox, eventId, event);
        channels.changed(mailbox);
        return Answer.empty(202);
    }

    /** {@code DELETE /v1/calendars/{id}/events}. */
    Answer deleteEvent(ReceivedRequest request, String calendarId) {
        Mailbox mailbox = mailbox(request, calendarId, "delete_event");
        managed.remove(mailbox, required(request.members(), "event_id"));
        channels.changed(mailbox);
        return Answer.empty(202);
    }

    /** At once for an account of Enterprise Connect, through a page for others (contract 5.6). */
    Answer permissions(ReceivedRequest request) {
        Mailbox mailbox = bearers.mailbox(request);
        JsonNode asked = request.members().path("permissions");
        if (!asked.isArray() || asked.isEmpty()) {
            throw Refused.required("permissions");
        }
        List<String> raised = new ArrayList<>();
        List<String> lowered = new ArrayList<>();
        for (JsonNode one : asked) {
            if (!one.path("calendar_id").asText().equals(mailbox.calendarId())) {
                throw bearers.notFound();
            }
            String level = one.path("permission_level").asText();
            if (!level.equals("unrestricted") && !level.equals("sandbox")) {
                throw Refused.unprocessable("permission_level", "errors.invalid", "write unrestricted or sandbox");
            }
            (level.equals("unrestricted") ? raised : lowered).add(mailbox.calendarId());
        }
        ObjectNode answer = Json.object();
        ObjectNode decision = answer.putObject("permissions_request");
        String parent = mailbox.parent();
        if (parent == null) {
            decision.put("url", "https://app.cronofy.com/permissions/" + mailbox.profileId());
        } else {
            String sort = ServiceAccount.isResource(mailbox.address(), switches) ? "resources" : "accounts";
            String needed = "service_account/" + sort + "/unrestricted_access";
            if (registry.account(parent)
                    .filter(account -> account.scope().has(needed))
                    .isEmpty()) {
                throw bearers.forbidden("the service account's scope " + needed + " is needed");
            }
            mailbox.unrestricted(raised, true);
            mailbox.unrestricted(lowered, false);
            decision.put("accepted", true);
        }
        return Answer.json(switches.get(Switch.PERMISSIONS_STATUS), answer);
    }

    /** {@code POST /v1/profiles/{id}/revoke}: the account stays, without calendars (contract 4.2). */
    Answer revokeProfile(ReceivedRequest request, String profileId) {
        Mailbox mailbox = bearers.mailbox(request);
        if (!mailbox.profileId().equals(profileId) || !mailbox.hasProfile()) {
            throw bearers.notFound();
        }
        mailbox.profileRevoked();
        return Answer.empty(202);
    }

    private Mailbox mailbox(ReceivedRequest request, String calendarId, String scope) {
        Mailbox mailbox = bearers.mailbox(request, scope);
        if (!mailbox.calendarId().equals(calendarId)
                || mailbox.calendars(switches).isEmpty()) {
            throw bearers.notFound();
        }
        return mailbox;
    }

    private static String required(ObjectNode body, String name) {
        String value = body.path(name).asText();
        if (value.isEmpty() && !body.path(name).isObject()) {
            throw Refused.required(name);
        }
        return value;
    }
}
