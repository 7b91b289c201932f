package io.github.enterpriseconnect.cronofy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.enterpriseconnect.core.CronofyException;
import io.github.enterpriseconnect.core.Mailbox;
import io.github.enterpriseconnect.core.Resource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The resources of an answer, read one by one: an entry without a plain address is left out, and so is whatever makes no
 * sense of one that has it. Source: Cronofy's documentation of Enterprise Connect, "Resources".
 */
final class ListedResources {
    /** Where Cronofy's names of what a location consists of meet ours. */
    private static final List<List<String>> PLACE = List.of(
            List.of("building_name", "buildingName"),
            List.of("floor_name", "floorName"),
            List.of("floor_section", "floorSection"));

    private static final List<List<String>> ADDRESS = List.of(
            List.of("locality", "locality"),
            List.of("region", "region"),
            List.of("postal_code", "postalCode"),
            List.of("country", "country"));

    /** What no line shows, and what not every database keeps. */
    private static final Pattern UNPRINTABLE =
            Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}[^\\x{0}-\\x{ffff}]]+");

    private static final int LONGEST_NAME = 255;
    private static final int LONGEST_PART = 100;
    private static final int LONGEST_LOCATION = 2_000;
    private static final int MOST_LINES = 5;
    private static final int LARGEST_CAPACITY = 1_000_000;

    private ListedResources() {}

    /** @throws CronofyException.Unavailable there is no list, which says nothing of what there is */
    static List<Resource.Listed> of(JsonNode json) throws CronofyException.Unavailable {
        JsonNode list = json.path("resources");
        if (!list.isArray()) {
            throw new CronofyException.Unavailable("GET /v1/resources answered without resources", Duration.ZERO);
        }
        List<Resource.Listed> listed = new ArrayList<>();
        for (JsonNode one : list) {
            Mailbox.parse(one.path("email").textValue())
                    .ifPresent(mailbox -> listed.add(new Resource.Listed(mailbox, details(one))));
        }
        return listed;
    }

    private static Resource.Details details(JsonNode one) {
        JsonNode capacity = one.path("capacity");
        boolean counted = capacity.isIntegralNumber()
                && capacity.canConvertToInt()
                && capacity.intValue() > 0
                && capacity.intValue() <= LARGEST_CAPACITY;
        return new Resource.Details(
                text(one.path("name"), LONGEST_NAME),
                counted ? capacity.intValue() : null,
                location(one.path("location")));
    }

    private static @Nullable String location(JsonNode json) {
        ObjectNode location = texts(json, PLACE);
        ObjectNode address = texts(json.path("address"), ADDRESS);
        ArrayNode lines = JsonNodeFactory.instance.arrayNode();
        for (JsonNode line : json.path("address").path("lines")) {
            String text = text(line, LONGEST_PART);
            if (text != null && lines.size() < MOST_LINES) {
                lines.add(text);
            }
        }
        if (!lines.isEmpty()) {
            address.set("lines", lines);
        }
        if (!address.isEmpty()) {
            location.set("address", address);
        }
        JsonNode latitude = json.path("coordinates").path("lat");
        JsonNode longitude = json.path("coordinates").path("long");
        if (within(latitude, 90) && within(longitude, 180)) {
            location.putObject("coordinates")
                    .put("latitude", latitude.doubleValue())
                    .put("longitude", longitude.doubleValue());
        }
        String text = location.toString();
        return location.isEmpty() || text.length() > LONGEST_LOCATION ? null : text;
    }

    private static boolean within(JsonNode degrees, double most) {
        return degrees.isNumber() && Math.abs(degrees.doubleValue()) <= most;
    }

    private static ObjectNode texts(JsonNode json, List<List<String>> names) {
        ObjectNode texts = JsonNodeFactory.instance.objectNode();
        for (List<String> name : names) {
            String text = text(json.path(name.get(0)), LONGEST_PART);
            if (text != null) {
                texts.put(name.get(1), text);
            }
        }
        return texts;
    }

    /** One line that can be shown; null if there is none. */
    private static @Nullable String text(JsonNode json, int longest) {
        String text = json.isTextual() || json.isNumber()
                ? UNPRINTABLE.matcher(json.asText()).replaceAll(" ").strip()
                : "";
        if (text.length() > longest) {
            text = text.substring(0, longest).strip();
        }
        return text.isEmpty() ? null : text;
    }
}
