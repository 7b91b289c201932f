package io.github.enterpriseconnect.admin;

import java.util.List;
import java.util.Optional;
import org.keycloak.models.RealmModel;

/**
 * The languages in which a realm speaks to people, as BCP 47 tags. Without internationalization Keycloak speaks
 * English.
 *
 * @param all in alphabetical order
 * @param preset for those of whom nothing is known
 */
record RealmLanguages(List<String> all, String preset) {
    private static final String ENGLISH = "en";

    static RealmLanguages of(RealmModel realm) {
        if (!realm.isInternationalizationEnabled()) {
            return new RealmLanguages(List.of(ENGLISH), ENGLISH);
        }
        return new RealmLanguages(
                realm.getSupportedLocalesStream().sorted().toList(),
                Optional.ofNullable(realm.getDefaultLocale()).orElse(ENGLISH));
    }
}
