package io.github.enterpriseconnect.example;

import com.nimbusds.oauth2.sdk.ParseException;
import com.nimbusds.oauth2.sdk.util.JSONObjectUtils;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Reads events from Cronofy's API with a token that Keycloak handed out. */
final class Calendar {
    private static final System.Logger LOG = System.getLogger(Calendar.class.getName());
    private static final Duration TIMEOUT = Duration.ofSeconds(15);
    private static final int MOST_PAGES = 20;
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm");

    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
    private final ZoneId zone;

    /**
     * An event as the page shows it.
     *
     * @param when a time of day, or that it takes all of it
     */
    record Event(String when, String summary, String location) {}

    Calendar(ZoneId zone) {
        this.zone = zone;
    }

    List<Event> eventsOf(LocalDate day, Keycloak.CalendarToken token) throws Apology {
        String events = token.api() + "/v1/events";
        String next = events + "?tzid=" + URLEncoder.encode(zone.getId(), StandardCharsets.UTF_8) + "&from=" + day
                + "&to=" + day.plusDays(1) + "&include_managed=true";
        List<Map<?, ?>> found = new ArrayList<>();
        for (int page = 0; page < MOST_PAGES && next != null; page++) {
            Map<String, Object> answer = get(URI.create(next), token);
            next = read(answer, found);
            if (next != null && !next.startsWith(events + "?")) {
                throw notUnderstood(); // The token is for this API alone.
            }
        }
        return found.stream()
                .sorted(Comparator.comparing(event -> String.valueOf(event.get("start"))))
                .map(this::event)
                .toList();
    }

    /** Adds the page's events, and gives the address of the next page; null if there is none. */
    private static String read(Map<String, Object> answer, List<Map<?, ?>> events) throws Apology {
        try {
            for (Object event : Objects.requireNonNullElse((List<?>) answer.get("events"), List.of())) {
                events.add((Map<?, ?>) event);
            }
            Map<?, ?> pages = (Map<?, ?>) answer.get("pages");
            return pages == null ? null : (String) pages.get("next_page");
        } catch (ClassCastException e) {
            throw notUnderstood();
        }
    }

    private Map<String, Object> get(URI uri, Keycloak.CalendarToken token) throws Apology {
        HttpRequest request = HttpRequest.newBuilder(uri)
                .timeout(TIMEOUT)
                .header("Authorization", token.accessToken().toAuthorizationHeader())
                .build();
        HttpResponse<String> response;
        try {
            response = http.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw Apology.tryAgain("Your calendar cannot be reached at the moment.", 10);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Apology.tryAgain("Your calendar cannot be reached at the moment.", 10);
        }
        if (response.statusCode() != 200) {
            LOG.log(System.Logger.Level.INFO, "no events: HTTP {0}", response.statusCode());
        }
        return switch (response.statusCode()) {
            case 200 -> parse(response.body());
            // Revoked a moment ago: the next token will work, or Keycloak will say why there is none.
            case 401 -> throw Apology.tryAgain("Your calendar has to be connected anew.", 10);
            case 403 ->
                throw Apology.inCharge("This application may not read your events. Please ask your administrator.");
            default -> throw Apology.tryAgain("Your calendar cannot be reached at the moment.", 30);
        };
    }

    private static Map<String, Object> parse(String body) throws Apology {
        try {
            return JSONObjectUtils.parse(body);
        } catch (ParseException e) {
            throw notUnderstood();
        }
    }

    private Event event(Map<?, ?> event) {
        Object location = event.get("location") instanceof Map<?, ?> place ? place.get("description") : "";
        return new Event(
                when(String.valueOf(event.get("start")), String.valueOf(event.get("end"))),
                Objects.requireNonNullElse(event.get("summary"), "(no title)").toString(),
                Objects.requireNonNullElse(location, "").toString());
    }

    /** Cronofy gives dates for events that take whole days, and times in UTC for all others. */
    private String when(String start, String end) {
        try {
            return start.contains("T") ? time(start) + " – " + time(end) : "All day";
        } catch (DateTimeException e) {
            return start;
        }
    }

    private String time(String instant) {
        return OffsetDateTime.parse(instant).atZoneSameInstant(zone).format(TIME);
    }

    private static Apology notUnderstood() {
        return Apology.tryAgain("Your calendar gave an answer that cannot be understood.", 60);
    }
}
