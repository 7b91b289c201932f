package io.github.enterpriseconnect.simulator;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The calls that prove a token works (contract 5.1 to 5.5). Calendars and events are invented but always the same. */
final class CalendarReads {
    private static final List<String> SUMMARIES = List.of("Stand-up", "Customer call", "Review");

    private final Bearers bearers;
    private final Switches switches;
    private final SimulatorClock clock;
    private final ManagedEvents managed;

    CalendarReads(Bearers bearers, Switches switches, SimulatorClock clock, ManagedEvents managed) {
        this.bearers = bearers;
        this.switches = switches;
        this.clock = clock;
        this.managed = managed;
    }

    Answer userinfo(ReceivedRequest request) {
        return Answer.json(200, bearers.account(request).userinfo(switches));
    }

    Answer account(ReceivedRequest request) {
        return Answer.json(200, bearers.account(request).account());
    }

    Answer profiles(ReceivedRequest request) {
        return list("profiles", bearers.mailbox(request).profiles(switches));
    }

    /** With the scope for resources only; rooms 1 to the number of the switch (contract 5.3). */
    Answer resources(ReceivedRequest request) {
        ServiceAccount account = bearers.serviceAccount(request);
        if (!account.scope().has(Scopes.MANAGE_RESOURCES)) {
            throw bearers.forbidden("the scope " + Scopes.MANAGE_RESOURCES + " is needed");
        }
        String asked = Objects.requireNonNullElse(request.parameter("include_details"), "");
        if (!asked.isEmpty() && switches.get(Switch.RESOURCE_DETAILS) == Choice.ResourceDetails.REFUSED) {
            throw Refused.unprocessable("include_details", "errors.invalid", "is not known");
        }
        String details = switches.get(Switch.RESOURCE_DETAILS) == Choice.ResourceDetails.GIVEN ? asked : "";
        return list(
                "resources",
                IntStream.rangeClosed(1, switches.get(Switch.RESOURCE_COUNT))
                        .mapToObj(number -> resource(number, account.address(), details))
                        .toList());
    }

    Answer calendars(ReceivedRequest request) {
        Mailbox mailbox = bearers.mailbox(request);
        List<ObjectNode> calendars = mailbox.calendars(switches).stream()
                .map(calendar -> (ObjectNode) mailbox.profile(switches).setAll(calendar))
                .toList();
        return list("calendars", calendars);
    }

    Answer events(ReceivedRequest request) {
        Mailbox mailbox = bearers.mailbox(request, "read_events");
        boolean only = "true".equals(request.parameter("only_managed"));
        boolean too = only || "true".equals(request.parameter("include_managed"));
        Stream<ObjectNode> ordinary = only ? Stream.of() : events(mailbox).stream();
        Stream<ObjectNode> added = too ? managed.of(mailbox).stream() : Stream.of();
        return paged(request, mailbox, "events", Stream.concat(ordinary, added).toList());
    }

    Answer freeBusy(ReceivedRequest request) {
        Mailbox mailbox = bearers.mailbox(request, "read_free_busy");
        List<ObjectNode> busy = events(mailbox).stream()
                .map(event -> {
                    event.retain("calendar_id", "start", "end");
                    return event.put("free_busy_status", "busy");
                })
                .toList();
        return paged(request, mailbox, "free_busy", busy);
    }

    private static Answer list(String name, List<ObjectNode> items) {
        ObjectNode answer = Json.object();
        answer.set(name, Json.array(items));
        return Answer.json(200, answer);
    }

    private ObjectNode resource(int number, String domain, String details) {
        String address = "room" + number + "@" + domain;
        String name = switches.get(Switch.RESOURCE_NAMES).getOrDefault(address, "Room " + number);
        ObjectNode resource = Json.object().put("email", address).put("name", name);
        if (details.contains("capacity")) {
            resource.put("capacity", 4 * number);
        }
        if (details.contains("location")) {
            resource.putObject("location").put("building_name", "Main building").put("floor_name", "Floor " + number);
        }
        return resource;
    }

    /** A meeting on each of three days, of which the simulator's today is the first. */
    private List<ObjectNode> events(Mailbox mailbox) {
        if (mailbox.calendars(switches).isEmpty()) {
            return List.of();
        }
        LocalDate today = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
        List<ObjectNode> events = new ArrayList<>();
        for (int i = 0; i < SUMMARIES.size(); i++) {
            String day = today.plusDays(i) + "T";
            ObjectNode event = Json.object()
                    .put("calendar_id", mailbox.calendarId())
                    .put("event_uid", mailbox.application().identifier("evt_external", mailbox.sub() + i))
                    .put("summary", SUMMARIES.get(i))
                    .put("description", "")
                    .put("start", day + "10:00:00Z")
                    .put("end", day + "10:30:00Z")
                    .put("deleted", false)
                    .put("created", "2026-01-01T08:00:00Z")
                    .put("updated", "2026-01-01T08:00:00Z")
                    .put("participation_status", "accepted")
                    .put("transparency", "opaque")
                    .put("status", "confirmed")
                    .put("recurring", false)
                    .put("event_private", false);
            event.putArray("attendees");
            event.putObject("organizer").put("email", mailbox.address());
            event.putArray("categories");
            event.putObject("options").put("delete", true).put("update", true);
            events.add(event);
        }
        return events;
    }

    private Answer paged(ReceivedRequest request, Mailbox mailbox, String name, List<ObjectNode> all) {
        if (request.parameter("tzid") == null) {
            throw Refused.required("tzid");
        }
        String from = day(request, "from", "");
        String to = day(request, "to", "~");
        List<String> calendars = request.queryValues("calendar_ids[]");
        List<ObjectNode> asked = all.stream()
                .filter(event -> calendars.isEmpty() || calendars.contains(mailbox.calendarId()))
                .filter(event -> event.path("start").asText().compareTo(to) < 0)
                .filter(event -> event.path("end").asText().compareTo(from) >= 0)
                .toList();
        int size = switches.get(Switch.EVENTS_PER_PAGE);
        int total = Math.max(1, (asked.size() + size - 1) / size);
        int current = Math.min(total, Math.max(1, page(request)));
        ObjectNode answer = Json.object();
        answer.putObject("pages")
                .put("current", current)
                .put("total", total)
                .put("next_page", current < total ? nextPage(request, current + 1) : null);
        int first = (current - 1) * size;
        answer.set(name, Json.array(asked.subList(first, Math.min(asked.size(), first + size))));
        return Answer.json(200, answer);
    }

    /** An absolute URL, called with the same bearer (contract 5.5). */
    private static String nextPage(ReceivedRequest request, int page) {
        String query = Stream.of(request.query().split("&", -1))
                .filter(pair -> !pair.startsWith("page="))
                .reduce("", (before, pair) -> before + pair + "&");
        return "http://" + request.headers().get("host") + request.path() + "?" + query + "page=" + page;
    }

    private static int page(ReceivedRequest request) {
        try {
            return Integer.parseInt(Objects.requireNonNullElse(request.parameter("page"), "1"));
        } catch (NumberFormatException e) {
            throw Refused.unprocessable("page", "errors.invalid", "is no number");
        }
    }

    private static String day(ReceivedRequest request, String name, String otherwise) {
        String value = request.parameter(name);
        if (value == null) {
            return otherwise;
        }
        try {
            return value.length() == 10
                    ? LocalDate.parse(value).toString()
                    : OffsetDateTime.parse(value).toInstant().toString();
        } catch (DateTimeParseException e) {
            throw Refused.unprocessable(name, "errors.invalid", "is no date or time of ISO 8601");
        }
    }
}
