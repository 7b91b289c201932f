package io.github.enterpriseconnect.storage;

import io.github.enterpriseconnect.core.Allowance;
import io.github.enterpriseconnect.core.Limits;
import io.github.enterpriseconnect.core.Purpose;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import jakarta.persistence.Version;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.NullUnmarked;

/** A row of {@code EC_BUDGET}: words separated by spaces, the parts of each by colons. Belongs to no realm. */
@Entity
@Table(name = "EC_BUDGET")
@NullUnmarked
class BudgetEntity {
    /** So many secrets of an application may be in use at the same time, or were lately. */
    private static final int MOST_ACCEPTED = 8;

    /** See {@link io.github.enterpriseconnect.core.Application#key()}. */
    @Id
    @Column(name = "ID")
    private String id;

    @Version
    @Column(name = "VERSION")
    private int version;

    @Column(name = "PASSED_MILLIS")
    private long passedMillis;

    @Column(name = "PAUSED_UNTIL")
    private long pausedUntil;

    @Column(name = "SPENT")
    private String spent;

    @Column(name = "DEMANDS")
    private String demands;

    @Column(name = "STRANGERS")
    private String strangers;

    @Column(name = "ACCEPTED")
    private String accepted;

    protected BudgetEntity() {}

    BudgetEntity(String application) {
        this.id = application;
    }

    /** Time passes by whoever saw most of it pass. */
    long pass(long atLeast) {
        passedMillis = Math.max(passedMillis, atLeast);
        return passedMillis;
    }

    boolean accepts(String secret) {
        return words(accepted).contains(secret);
    }

    void accept(String secret) {
        List<String> all = new ArrayList<>(words(accepted));
        all.remove(secret);
        all.add(secret);
        accepted = String.join(" ", all.subList(Math.max(0, all.size() - MOST_ACCEPTED), all.size()));
    }

    Allowance allowance(Limits limits) {
        Map<Long, Allowance.Spent> bySecond = new HashMap<>();
        words(spent).stream()
                .map(BudgetEntity::parts)
                .forEach(part -> bySecond.put(
                        Long.valueOf(part[0]),
                        new Allowance.Spent(Integer.parseInt(part[1]), Integer.parseInt(part[2]))));
        Map<Purpose, Allowance.Demand> byPurpose = new EnumMap<>(Purpose.class);
        words(demands).stream().map(BudgetEntity::parts).forEach(part -> purpose(part[0])
                .ifPresent(purpose -> byPurpose.put(
                        purpose, new Allowance.Demand(Long.parseLong(part[1]), Integer.parseInt(part[2])))));
        List<Allowance.Stranger> all = words(strangers).stream()
                .map(BudgetEntity::parts)
                .map(part -> new Allowance.Stranger(part[0], Long.parseLong(part[1])))
                .toList();
        return new Allowance(limits, bySecond, byPurpose, all, pausedUntil);
    }

    void keep(Allowance allowance) {
        pausedUntil = allowance.pausedUntil();
        spent = text(
                allowance.spent().entrySet(),
                one -> one.getKey() + ":" + one.getValue().all() + ":"
                        + one.getValue().revocations());
        demands = text(
                allowance.demands().entrySet(),
                one -> one.getKey() + ":" + one.getValue().at() + ":"
                        + one.getValue().unserved());
        strangers = text(allowance.strangers(), one -> one.secret() + ":" + one.second());
    }

    /** A newer version may know more of them. */
    private static Optional<Purpose> purpose(String name) {
        return Arrays.stream(Purpose.values())
                .filter(purpose -> purpose.name().equals(name))
                .findFirst();
    }

    private static List<String> words(String column) {
        return column == null || column.isEmpty() ? List.of() : List.of(column.split(" ", -1));
    }

    private static String[] parts(String word) {
        return word.split(":", -1);
    }

    private static <T> String text(Collection<T> all, Function<T, String> word) {
        return all.stream().map(word).sorted().collect(Collectors.joining(" "));
    }
}
