package io.github.enterpriseconnect.rest;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Properties;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.theme.Theme;

/**
 * The words of the console page, in place of which a theme or the realm may put others. They are in files of their own
 * and not among the theme's: Keycloak copies all of these for each page of a sign-in.
 */
final class ConsoleTexts {
    /** What their keys begin with, where a theme or the realm has them. */
    private static final String PREFIX = "enterpriseConnectConsole.";

    private static final String FILES = "/enterprise-connect/console/texts/messages_";

    private final KeycloakSession session;
    private final RealmModel realm;

    ConsoleTexts(KeycloakSession session, RealmModel realm) {
        this.session = session;
        this.realm = realm;
    }

    /**
     * All texts in the language, by key: what this language has no word for is in English, and so is all of a language
     * that neither the realm nor the theme speaks, since Keycloak keeps the texts of every one that it was ever asked for.
     */
    SortedMap<String, String> in(Locale wanted) {
        try {
            Theme theme = session.theme().getTheme(Theme.Type.ADMIN);
            Locale language = spoken(theme, wanted);
            Properties all = new Properties();
            for (String tag : new String[] {"en", language.getLanguage(), language.toLanguageTag()}) {
                read(all, tag);
            }
            all.putAll(theme.getEnhancedMessages(realm, language));
            SortedMap<String, String> texts = new TreeMap<>();
            for (String key : all.stringPropertyNames()) {
                if (key.startsWith(PREFIX)) {
                    // What MessageFormat would make of it; the placeholders are filled by the page.
                    texts.put(
                            key.substring(PREFIX.length()), all.getProperty(key).replace("''", "'"));
                }
            }
            return texts;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void read(Properties texts, String tag) throws IOException {
        try (InputStream file = ConsoleTexts.class.getResourceAsStream(FILES + tag + ".properties")) {
            if (file != null) {
                texts.load(new InputStreamReader(file, StandardCharsets.UTF_8));
            }
        }
    }

    private Locale spoken(Theme theme, Locale wanted) throws IOException {
        Set<String> spoken = Stream.concat(
                        realm.getSupportedLocalesStream(),
                        Stream.of(
                                theme.getProperties().getProperty("locales", "").split(",")))
                .map(tag -> Locale.forLanguageTag(tag.strip().replace('_', '-')).toLanguageTag())
                .collect(Collectors.toSet());
        return Stream.of(wanted.toLanguageTag(), wanted.getLanguage())
                .filter(spoken::contains)
                .findFirst()
                .map(Locale::forLanguageTag)
                .orElse(Locale.ENGLISH);
    }
}
