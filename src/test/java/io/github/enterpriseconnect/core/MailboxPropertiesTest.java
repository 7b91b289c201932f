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

class MailboxPropertiesTest {

    @Property(tries = 5000)
    @StatisticsReport(StatisticsReportMode.OFF)
    void exactly_the_plain_addresses_are_mailboxes(@ForAll(supplier = HostileText.Addresses.class) String text) {
        boolean accepted = Mailbox.parse(text).isPresent();

        assertThat(accepted).isEqualTo(PlainText.isMailbox(text));
        Statistics.collect(accepted);
        Statistics.coverage(coverage -> {
            coverage.check(true).percentage(share -> share > 10);
            coverage.check(false).percentage(share -> share > 10);
        });
    }

    @Property
    void a_mailbox_is_in_normal_form(@ForAll(supplier = HostileText.Addresses.class) String text) {
        Mailbox.parse(text).ifPresent(mailbox -> {
            String address = mailbox.address();
            assertThat(address).matches(all -> all.chars().allMatch(c -> c > ' ' && c < 0x7F), "printable ASCII");
            assertThat(address).isEqualTo(text.toLowerCase(Locale.ROOT)).containsOnlyOnce("@");
            assertThat(Mailbox.parse(address)).contains(mailbox);
            assertThat(mailbox.domain()).isEqualTo(new Domain(address.split("@", -1)[1]));
        });
    }

    @Property
    void only_a_normal_form_can_be_made_without_parsing(@ForAll(supplier = HostileText.Addresses.class) String text) {
        assertThat(made(text)).isEqualTo(Mailbox.parse(text).filter(mailbox -> mailbox.address()
                .equals(text)));
    }

    private static Optional<Mailbox> made(String text) {
        try {
            return Optional.of(new Mailbox(text));
        } catch (IllegalArgumentException refused) {
            return Optional.empty();
        }
    }

    @Property
    void case_never_changes_the_answer(
            @ForAll(supplier = HostileText.Addresses.class) String text, @ForAll Random random) {
        assertThat(Mailbox.parse(HostileText.recased(text, random))).isEqualTo(Mailbox.parse(text));
    }

    @Property
    void a_label_more_is_another_domain(
            @ForAll(supplier = HostileText.PlainAddresses.class) String plain,
            @ForAll(supplier = HostileText.PlainLabels.class) String label) {
        Domain domain = Mailbox.parse(plain).orElseThrow().domain();

        assertThat(Mailbox.parse(plain.replace("@", "@" + label + "."))
                        .orElseThrow()
                        .domain())
                .isNotEqualTo(domain);
        assertThat(Mailbox.parse(plain + ".a" + label).orElseThrow().domain()).isNotEqualTo(domain);
        assertThat(Mailbox.parse(plain.replace("@", "@" + label)).orElseThrow().domain())
                .isNotEqualTo(domain);
    }

    @Property(tries = 3000)
    void nothing_added_to_an_address_leaves_it_the_same_mailbox(
            @ForAll(supplier = HostileText.PlainAddresses.class) String plain,
            @ForAll(supplier = HostileText.Pieces.class) String piece,
            @ForAll @IntRange(max = 400) int position) {
        Optional<Mailbox> mailbox = Mailbox.parse(plain);
        int at = position % plain.length();

        assertThat(mailbox).isPresent();
        assertThat(Mailbox.parse(piece + plain)).isNotEqualTo(mailbox);
        assertThat(Mailbox.parse(plain + piece)).isNotEqualTo(mailbox);
        assertThat(Mailbox.parse(plain.substring(0, at) + piece + plain.substring(at)))
                .isNotEqualTo(mailbox);
    }

    @Property(tries = 3000)
    void nothing_beyond_ascii_is_part_of_a_mailbox(
            @ForAll(supplier = HostileText.PlainAddresses.class) String plain,
            @ForAll(supplier = HostileText.BeyondAscii.class) String piece,
            @ForAll @IntRange(max = 400) int position) {
        int at = position % plain.length();

        assertThat(Mailbox.parse(plain.substring(0, at) + piece + plain.substring(at)))
                .isEmpty();
        assertThat(Mailbox.parse(plain.substring(0, at) + piece + plain.substring(at + 1)))
                .isEmpty();
    }

    @Property
    void an_address_with_a_tag_is_a_mailbox_of_its_own(
            @ForAll(supplier = HostileText.PlainAddresses.class) String plain,
            @ForAll(supplier = HostileText.PlainLabels.class) String tag) {
        assertThat(Mailbox.parse(plain.replace("@", "+" + tag + "@")))
                .isPresent()
                .isNotEqualTo(Mailbox.parse(plain));
    }
}
