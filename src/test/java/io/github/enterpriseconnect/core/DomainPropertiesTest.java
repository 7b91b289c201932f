package io.github.enterpriseconnect.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.statistics.Statistics;
import net.jqwik.api.statistics.StatisticsReport;
import net.jqwik.api.statistics.StatisticsReport.StatisticsReportMode;

class DomainPropertiesTest {

    @Property(tries = 5000)
    @StatisticsReport(StatisticsReportMode.OFF)
    void exactly_the_plain_names_are_domains(@ForAll(supplier = HostileText.Domains.class) String text) {
        boolean accepted = Domain.parse(text).isPresent();

        assertThat(accepted).isEqualTo(PlainText.isDomain(withoutAsciiSpaceAround(text)));
        Statistics.collect(accepted);
        Statistics.coverage(coverage -> {
            coverage.check(true).percentage(share -> share > 10);
            coverage.check(false).percentage(share -> share > 10);
        });
    }

    private static String withoutAsciiSpaceAround(String text) {
        int start = 0;
        int end = text.length();
        while (start < end && asciiSpace(text.charAt(start))) {
            start++;
        }
        while (end > start && asciiSpace(text.charAt(end - 1))) {
            end--;
        }
        return text.substring(start, end);
    }

    private static boolean asciiSpace(char c) {
        return (c >= '\t' && c <= '\r') || (c >= '\u001C' && c <= ' ');
    }

    @Property
    void a_domain_is_in_normal_form(@ForAll(supplier = HostileText.Domains.class) String text) {
        Domain.parse(text).ifPresent(domain -> {
            assertThat(domain.name()).matches(all -> all.chars().allMatch(c -> c > ' ' && c < 0x7F), "printable ASCII");
            assertThat(domain.name())
                    .isEqualTo(withoutAsciiSpaceAround(text).toLowerCase(Locale.ROOT))
                    .doesNotContain("@");
            assertThat(Domain.parse(domain.name())).contains(domain);
        });
    }

    @Property
    void only_a_normal_form_can_be_made_without_parsing(@ForAll(supplier = HostileText.Domains.class) String text) {
        assertThat(made(text))
                .isEqualTo(Domain.parse(text).filter(domain -> domain.name().equals(text)));
    }

    private static Optional<Domain> made(String text) {
        try {
            return Optional.of(new Domain(text));
        } catch (IllegalArgumentException refused) {
            return Optional.empty();
        }
    }

    @Property
    void case_never_changes_the_answer(
            @ForAll(supplier = HostileText.Domains.class) String text, @ForAll Random random) {
        assertThat(Domain.parse(HostileText.recased(text, random))).isEqualTo(Domain.parse(text));
    }

    @Property
    void a_label_more_is_another_domain(
            @ForAll(supplier = HostileText.PlainDomains.class) String plain,
            @ForAll(supplier = HostileText.PlainLabels.class) String label) {
        Optional<Domain> domain = Domain.parse(plain);

        assertThat(domain).isPresent();
        assertThat(Domain.parse(label + "." + plain)).isPresent().isNotEqualTo(domain);
        assertThat(Domain.parse(plain + ".a" + label)).isPresent().isNotEqualTo(domain);
        assertThat(Domain.parse(label + plain)).isPresent().isNotEqualTo(domain);
    }

    @Property(tries = 3000)
    void nothing_beyond_ascii_is_part_of_a_domain(
            @ForAll(supplier = HostileText.PlainDomains.class) String plain,
            @ForAll(supplier = HostileText.BeyondAscii.class) String piece,
            @ForAll @IntRange(max = 400) int position) {
        int at = position % (plain.length() + 1);

        assertThat(Domain.parse(plain.substring(0, at) + piece + plain.substring(at)))
                .isEmpty();
        assertThat(Domain.parse(plain.substring(0, at) + piece + plain.substring(Math.min(plain.length(), at + 1))))
                .isEmpty();
    }
}
