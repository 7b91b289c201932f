package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.Circumstances;
import io.github.enterpriseconnect.core.FoundName;
import io.github.enterpriseconnect.core.NameOrigin;
import io.github.enterpriseconnect.core.OddAnswer;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.NullUnmarked;

/** A row of {@code EC_MEMBER}. */
@Entity
@Table(name = "EC_MEMBER")
@NullUnmarked
class MemberEntity extends VersionedRow {
    private static final int ROOM = 1000;
    private static final int ROOM_FOR_DENIALS = 2000;
    private static final Map<String, NameOrigin.By> BYS =
            Arrays.stream(NameOrigin.By.values()).collect(Collectors.toMap(Enum::name, Function.identity()));

    @Column(name = "USER_ID")
    private String userId;

    @Column(name = "OPTED_OUT_AT")
    private Long optedOutAt;

    @Column(name = "PROVEN_MAILBOX")
    private String provenMailbox;

    @Column(name = "PROVEN_BY")
    private String provenBy;

    @Column(name = "PROVEN_AT")
    private Long provenAt;

    @Column(name = "NOTICED_LINKS", length = ROOM)
    private String noticedLinks;

    /** Lines of {@link Denial}; null if no link denies them. */
    @Column(name = "DENIALS", length = ROOM_FOR_DENIALS)
    private String denials;

    @Column(name = "FOUND_LINK")
    private String foundLink;

    @Column(name = "FOUND_NAME")
    private String foundName;

    /** Kind and domain of {@link FoundName.Pattern}. */
    @Column(name = "FOUND_PATTERN")
    private String foundPattern;

    @Column(name = "FOUND_UNDER")
    private String foundUnder;

    /** Lines of {@link OddAnswer}, at most one of each link. */
    @Column(name = "ODD_ANSWERS", length = ROOM)
    private String oddAnswers;

    /** Lines of {@link NameOrigin}, at most one of each attribute. */
    @Column(name = "NAME_ORIGINS", length = ROOM)
    private String nameOrigins;

    @Column(name = "SHARED_MAILBOX")
    private String sharedMailbox;

    protected MemberEntity() {}

    MemberEntity(String id, String realmId, String userId) {
        super(id, realmId);
        this.userId = userId;
    }

    /**
     * What a link denies the user for may come from their directory.
     *
     * @param save the last one of the link's policy before, see {@link ChangedDirectories#save}
     * @param setUp how the directory was set up
     */
    record Denial(String link, String save, String setUp) {
        static Denial parse(String line) {
            String[] parts = line.split("\t", -1);
            return new Denial(parts[0], parts[1], parts[2]);
        }

        String line() {
            return link + "\t" + save + "\t" + setUp;
        }
    }

    Optional<Denial> denial(String link) {
        return denials().stream().filter(one -> one.link().equals(link)).findFirst();
    }

    private List<Denial> denials() {
        return denials == null ? List.of() : denials.lines().map(Denial::parse).toList();
    }

    /** The latest come first; beyond what the column holds the oldest are forgotten. */
    void deny(Denial newest) {
        StringBuilder kept = new StringBuilder(newest.line());
        denials().stream()
                .filter(one -> !one.link().equals(newest.link()))
                .map(Denial::line)
                .takeWhile(line -> kept.length() + 1 + line.length() <= ROOM_FOR_DENIALS)
                .forEach(line -> kept.append('\n').append(line));
        denials = kept.toString();
    }

    void allow(String link) {
        String rest = denials().stream()
                .filter(one -> !one.link().equals(link))
                .map(Denial::line)
                .collect(Collectors.joining("\n"));
        denials = rest.isEmpty() ? null : rest;
    }

    Long optedOutAt() {
        return optedOutAt;
    }

    String provenMailbox() {
        return provenMailbox;
    }

    void optOut(Instant now) {
        if (optedOutAt == null) {
            optedOutAt = now.toEpochMilli();
        }
    }

    void optIn() {
        optedOutAt = null;
    }

    void prove(String mailbox, String by, Instant now) {
        provenMailbox = mailbox;
        provenBy = by;
        provenAt = now.toEpochMilli();
    }

    void forgetProof() {
        provenMailbox = null;
        provenBy = null;
        provenAt = null;
    }

    FoundName foundName() {
        return foundLink == null ? null : new FoundName(foundLink, foundName, new Circumstances(foundUnder));
    }

    void found(FoundName found, FoundName.Pattern pattern) {
        foundLink = found.link();
        foundName = found.name();
        foundPattern = pattern.domain() == null ? pattern.kind() : pattern.kind() + " " + pattern.domain();
        foundUnder = found.circumstances().digest();
    }

    /** Whatever the circumstances, another answer may be another. */
    void doubtFoundName() {
        foundUnder = foundLink == null ? null : "";
    }

    void forgetFoundName() {
        foundLink = null;
        foundName = null;
        foundPattern = null;
        foundUnder = null;
    }

    /** What has come of the latest ask of each link, where that was no calendar of the member's. */
    List<OddAnswer> oddAnswers() {
        return lines(oddAnswers, OddAnswer::parse);
    }

    /** The latest come first; beyond what the column holds the oldest are forgotten. */
    void answeredOddly(OddAnswer newest) {
        oddAnswers =
                latest(newest.line(), others(oddAnswers(), one -> one.link().equals(newest.link()), OddAnswer::line));
    }

    void forgetOddAnswer(String link) {
        oddAnswers = joined(others(oddAnswers(), one -> one.link().equals(link), OddAnswer::line));
    }

    void forgetOddAnswers() {
        oddAnswers = null;
    }

    List<NameOrigin> nameOrigins() {
        return nameOrigins(nameOrigins);
    }

    /** What the column holds; what a newer version has written of it is left alone. */
    static List<NameOrigin> nameOrigins(String column) {
        return lines(column, line -> {
            String[] parts = line.split("\t", -1);
            return parts.length < 5 || !BYS.containsKey(parts[2])
                    ? null
                    : new NameOrigin(
                            parts[0],
                            parts[1],
                            BYS.get(parts[2]),
                            parts[3].isEmpty() ? null : parts[3],
                            Instant.ofEpochMilli(Long.parseLong(parts[4])));
        });
    }

    private static String line(NameOrigin origin) {
        return String.join(
                "\t",
                origin.attribute(),
                origin.digest(),
                origin.by().name(),
                Objects.requireNonNullElse(origin.provider(), ""),
                String.valueOf(origin.seenAt().toEpochMilli()));
    }

    void nameCame(NameOrigin origin) {
        nameOrigins = latest(
                line(origin),
                others(nameOrigins(), one -> one.attribute().equals(origin.attribute()), MemberEntity::line));
    }

    String sharedMailbox() {
        return sharedMailbox;
    }

    void share(String mailbox) {
        sharedMailbox = mailbox;
    }

    private static <T> List<T> lines(String column, Function<String, T> reading) {
        return column == null
                ? List.of()
                : column.lines().map(reading).filter(Objects::nonNull).toList();
    }

    private static <T> List<String> others(List<T> all, Predicate<T> same, Function<T, String> line) {
        return all.stream().filter(same.negate()).map(line).toList();
    }

    private static String latest(String newest, List<String> others) {
        StringBuilder kept = new StringBuilder(newest);
        others.stream()
                .takeWhile(line -> kept.length() + 1 + line.length() <= ROOM)
                .forEach(line -> kept.append('\n').append(line));
        return kept.toString();
    }

    private static String joined(List<String> lines) {
        return lines.isEmpty() ? null : String.join("\n", lines);
    }

    List<String> noticedLinks() {
        return noticedLinks == null ? List.of() : List.of(noticedLinks.split(" "));
    }

    /** What was decided before the realm was removed still holds; what is newer of the rest stays. */
    void takeBack(MemberEntity kept) {
        if (kept.optedOutAt != null) {
            optedOutAt = kept.optedOutAt;
        }
        List<String> notices = new ArrayList<>(kept.noticedLinks());
        Collections.reverse(notices);
        notices.stream().filter(link -> !noticedLinks().contains(link)).forEach(this::notice);
        kept.nameOrigins().stream()
                .filter(one ->
                        nameOrigins().stream().noneMatch(own -> own.attribute().equals(one.attribute())))
                .forEach(this::nameCame);
        kept.denials().stream().filter(one -> denial(one.link()).isEmpty()).forEach(this::deny);
    }

    /** The latest come first; beyond what the column holds the oldest are forgotten. */
    void notice(String link) {
        StringBuilder kept = new StringBuilder(link);
        for (String other : noticedLinks()) {
            if (kept.length() + 1 + other.length() > ROOM) {
                break;
            }
            if (!other.equals(link)) {
                kept.append(' ').append(other);
            }
        }
        noticedLinks = kept.toString();
    }
}
