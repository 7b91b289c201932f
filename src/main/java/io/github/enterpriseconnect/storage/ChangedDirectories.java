package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Ticket;
import jakarta.persistence.Column;
import jakarta.persistence.Embeddable;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.NullUnmarked;

/**
 * The columns of {@code EC_LINK} that say by which directories members of the link are withheld, since they are set up
 * otherwise than before: each with since when, and until when that is so unless it is seen again; and how directories
 * were set up when the link's policy was saved last.
 */
@Embeddable
@NullUnmarked
class ChangedDirectories {
    /** As many as the column has room for. */
    private static final int MOST = 25;

    private static final int MOST_ACCEPTED = 150;
    private static final int DIGEST = 12;
    private static final int SAVE = 8;

    @Column(name = "CHANGED_DIRECTORIES")
    private String written;

    /** A word that no other save has, and what stands for each set-up; null if the policy was never saved. */
    @Column(name = "ACCEPTED_SET_UPS")
    private String accepted;

    private record Changed(String directory, long since, long until) {
        static Changed parse(String line) {
            String[] parts = line.split(" ", -1);
            return new Changed(parts[0], Long.parseLong(parts[1]), Long.parseLong(parts[2]));
        }

        String line() {
            return directory + " " + since + " " + until;
        }
    }

    private List<Changed> all() {
        return written == null
                ? new ArrayList<>()
                : written.lines().map(Changed::parse).collect(Collectors.toCollection(ArrayList::new));
    }

    private void keep(List<Changed> all) {
        written = all.isEmpty()
                ? null
                : all.stream().limit(MOST).map(Changed::line).collect(Collectors.joining("\n"));
    }

    /** Tells whether it is new. One that is known is written again only when it would be forgotten soon. */
    boolean note(String directory, Instant now, Instant until) {
        List<Changed> all = all();
        Changed known = all.stream()
                .filter(one -> one.directory().equals(directory))
                .findFirst()
                .orElse(null);
        long soon = now.plus(Duration.between(now, until).multipliedBy(3).dividedBy(4))
                .toEpochMilli();
        if (known == null || known.until() < soon) {
            all.remove(known);
            all.add(
                    0,
                    new Changed(directory, known == null ? now.toEpochMilli() : known.since(), until.toEpochMilli()));
            keep(all);
        }
        return known == null;
    }

    /** Forgets those that were not seen again, and tells which. */
    List<String> over(Instant now) {
        List<Changed> all = all();
        List<String> over = all.stream()
                .filter(one -> one.until() <= now.toEpochMilli())
                .map(Changed::directory)
                .toList();
        all.removeIf(one -> over.contains(one.directory()));
        keep(all);
        return over;
    }

    /** Whatever they say now is accepted. Of more than there is room for, the rest is not. */
    void accept(Collection<String> setUps) {
        written = null;
        accepted = Stream.concat(
                        Stream.of(VersionedRow.newId().substring(0, SAVE)),
                        setUps.stream().map(ChangedDirectories::digest).sorted().limit(MOST_ACCEPTED))
                .collect(Collectors.joining(" "));
    }

    /** What tells the last save of the policy from any other. */
    String save() {
        return accepted == null ? "" : accepted.substring(0, SAVE);
    }

    /** Whether the directory was set up this way when the policy was saved last. */
    boolean accepts(String setUp) {
        return accepted != null && List.of(accepted.split(" ")).contains(digest(setUp));
    }

    private static String digest(String setUp) {
        return Ticket.hash(setUp).substring(0, DIGEST);
    }

    /** Null if there is none. */
    Link.Problem problem() {
        return all().stream()
                .min(Comparator.comparingLong(Changed::since))
                .map(first -> new Link.Problem(Reason.DIRECTORY_CHANGED, Instant.ofEpochMilli(first.since())))
                .orElse(null);
    }
}
