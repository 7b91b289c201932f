package io.github.enterpriseconnect.settings;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;

/**
 * A name in the settings that this version does not know: a slip of whoever wrote it, or the word of a newer version.
 *
 * @param where the whole path to it, by which it is the same as another
 * @param name the name alone
 * @param nearest the known one that is most like it
 */
public record UnknownName(String where, String name, String nearest) {

    static UnknownName of(String where, String name, Collection<String> known) {
        return new UnknownName(
                where,
                name,
                known.stream()
                        .min(Comparator.comparingInt((String one) -> distance(lower(name), lower(one)))
                                .thenComparing(Comparator.naturalOrder()))
                        .orElse(""));
    }

    /** How many letters have to be added, left out or replaced. */
    private static int distance(String from, String to) {
        int[] row = new int[to.length() + 1];
        for (int j = 0; j <= to.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= from.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= to.length(); j++) {
                int above = row[j];
                int replaced = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(replaced, Math.min(above, row[j - 1]) + 1);
                diagonal = above;
            }
        }
        return row[to.length()];
    }

    private static String lower(String text) {
        return text.toLowerCase(Locale.ROOT);
    }
}
