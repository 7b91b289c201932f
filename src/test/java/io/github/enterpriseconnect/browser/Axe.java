package io.github.enterpriseconnect.browser;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.microsoft.playwright.Page;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Finds what shuts people out of a page: WCAG 2 to level AA, and best practices. */
final class Axe {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String SOURCE = source();
    private static final String RUN = """
            () => axe.run(document, {
              runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
              resultTypes: ['violations'],
            }).then(results => JSON.stringify(results.violations.flatMap(violation => violation.nodes.map(node => ({
              rule: violation.id,
              help: violation.help,
              target: node.target.join(' '),
              html: node.html,
              summary: node.failureSummary,
            })))))
            """;

    /** Something on a page that is not ours to mend. */
    private record Exempt(String rule, String target, String reason) {
        boolean covers(JsonNode violation) {
            return violation.get("rule").asText().equals(rule)
                    && violation.get("target").asText().matches(target);
        }
    }

    private static final List<Exempt> EXEMPT = List.of();

    private Axe() {}

    /** One sentence for each violation on the page as it is now. */
    static List<String> violations(Page page) {
        if (!Boolean.TRUE.equals(page.evaluate("() => typeof axe !== 'undefined'"))) {
            page.evaluate(SOURCE);
        }
        List<String> violations = new ArrayList<>();
        for (JsonNode violation : read(String.valueOf(page.evaluate(RUN)))) {
            if (EXEMPT.stream().noneMatch(exempt -> exempt.covers(violation))) {
                violations.add("%s at %s: %s%n%s%n%s"
                        .formatted(
                                violation.get("rule").asText(),
                                violation.get("target").asText(),
                                violation.get("help").asText(),
                                violation.get("html").asText(),
                                violation.get("summary").asText()));
            }
        }
        return violations;
    }

    private static JsonNode read(String json) {
        try {
            return JSON.readTree(json);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String source() {
        try (InputStream source = Objects.requireNonNull(Axe.class.getResourceAsStream("/axe.min.js"))) {
            return new String(source.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
