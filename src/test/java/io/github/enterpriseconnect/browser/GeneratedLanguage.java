package io.github.enterpriseconnect.browser;

import io.github.enterpriseconnect.integration.harness.AdminClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.function.IntUnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A language that is made from the English texts and uploaded as a realm's own, to find what is not translated at all,
 * what has no room to grow, and what does not run from right to left.
 */
enum GeneratedLanguage {
    /** Half as long again, with accents, and marked at both ends so that whatever is cut off or not ours is noticed. */
    LONG("sv") {
        @Override
        String write(String english) {
            String accented = letters(english, GeneratedLanguage::accented);
            return "⟦" + accented + " "
                    + "ẋ".repeat(Math.max(3, english.length() / 4)).replaceAll("(.{8})", "$1 ") + "⟧";
        }
    },
    /** In Arabic letters, which make no words. */
    RIGHT_TO_LEFT("ar") {
        @Override
        String write(String english) {
            return letters(english, GeneratedLanguage::arabic);
        }
    };

    private static final Path RESOURCES = Path.of("src/main/resources");
    private static final List<Path> ENGLISH = List.of(
            RESOURCES.resolve("theme-resources/messages/messages_en.properties"),
            RESOURCES.resolve("enterprise-connect/console/texts/messages_en.properties"));
    private static final Pattern GAP = Pattern.compile("\\{\\d+}");
    private static final String LATIN = "abcdefghijklmnopqrstuvwxyz";
    private static final String ARABIC = "ابتثجحخدذرزسشصضطظعغفقكلمنه";
    private static final String ACCENTED = "àƀçđéƒğĥîĵķļɱñöþɋŕşţûṽŵẋýž";

    private final String tag;

    GeneratedLanguage(String tag) {
        this.tag = tag;
    }

    /** The BCP 47 tag of the language whose place it takes. */
    String tag() {
        return tag;
    }

    abstract String write(String english);

    /** Has the realm speak it, if it is among the realm's languages. */
    void teach(AdminClient admin, String realm) {
        Properties english = new Properties();
        for (Path file : ENGLISH) {
            try (var reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
                english.load(reader);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        Map<String, String> texts = english.stringPropertyNames().stream()
                .collect(Collectors.toMap(key -> key, key -> write(english.getProperty(key))));
        admin.post("/admin/realms/" + realm + "/localization/" + tag, texts).expect(204);
    }

    /** Writes every letter otherwise, but no gap. */
    private static String letters(String english, IntUnaryOperator letter) {
        StringBuilder written = new StringBuilder();
        Matcher gaps = GAP.matcher(english);
        int start = 0;
        while (gaps.find()) {
            english.substring(start, gaps.start()).codePoints().map(letter).forEach(written::appendCodePoint);
            written.append(gaps.group());
            start = gaps.end();
        }
        english.substring(start).codePoints().map(letter).forEach(written::appendCodePoint);
        return written.toString();
    }

    private static int accented(int letter) {
        return replaced(letter, ACCENTED);
    }

    private static int arabic(int letter) {
        return replaced(letter, ARABIC);
    }

    private static int replaced(int letter, String alphabet) {
        int place = LATIN.indexOf(Character.toLowerCase(letter));
        return place < 0 ? letter : alphabet.charAt(place);
    }
}
