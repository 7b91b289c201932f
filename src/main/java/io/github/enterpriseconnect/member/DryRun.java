package io.github.enterpriseconnect.member;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.enterpriseconnect.candidate.KeycloakCandidate;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Gate;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.platform.RealmOrganizations;
import io.github.enterpriseconnect.platform.Transactions;
import io.github.enterpriseconnect.platform.Transactions.Work;
import io.github.enterpriseconnect.storage.Storage;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.OrganizationModel;
import org.keycloak.models.RealmModel;
import org.keycloak.models.UserModel;

/**
 * A dry run: whom the gate would let through today, and whom not and why. Cronofy is not asked, and nothing is changed.
 */
public final class DryRun {
    private static final int CHUNK = 200;
    private static final String ALLOWED = "allowed";

    private final Transactions transactions;
    private final ObjectMapper json;
    private final InstantSource clock;

    public DryRun(Transactions transactions, ObjectMapper json, InstantSource clock) {
        this.transactions = transactions;
        this.json = json;
        this.clock = clock;
    }

    /**
     * What would become of one member of a link.
     *
     * @param reason the gate's first "no"; null if the member would be delegated
     * @param mailbox null if the gate says no before it knows one
     */
    public record Preview(
            UserModel user,
            @Nullable String mailbox,
            @Nullable Reason reason,
            Delegation.State state) {}

    /** What the gate would say of one member, without asking Cronofy. */
    public Preview preview(KeycloakSession session, RealmModel realm, LinkId link, UserModel user) {
        Work work = new Work(session, realm, Storage.of(session, realm, json));
        Gate.Decision decision = decide(work, link, user);
        return new Preview(
                user,
                decision.mailbox() == null ? null : decision.mailbox().address(),
                decision.reason(),
                Members.latest(work, user).map(Delegation::state).orElse(Delegation.State.NONE));
    }

    /**
     * How many members the gate would let through, and how many not for which reason. Looks at every member, in short
     * transactions of their own.
     *
     * @return counts by the reason's name, and under {@value #ALLOWED}
     */
    public Map<String, Integer> counts(LinkId link) {
        Map<String, Integer> counts = new TreeMap<>();
        int first = 0;
        int counted;
        do {
            int from = first;
            List<String> answers =
                    transactions.inRealm(link.realm(), work -> members(work.session(), work.realm(), link, from, CHUNK)
                            .map(user -> {
                                Reason reason = decide(work, link, user).reason();
                                return reason == null ? ALLOWED : reason.id();
                            })
                            .toList());
            answers.forEach(answer -> counts.merge(answer, 1, Integer::sum));
            counted = answers.size();
            first += CHUNK;
        } while (counted == CHUNK);
        return counts;
    }

    /** One page of those whom the link is for: the organization's members, or the realm's users. */
    public static Stream<UserModel> members(
            KeycloakSession session, RealmModel realm, LinkId link, int first, int max) {
        if (link.ofRealm()) {
            return session.users().searchForUserStream(realm, Map.of(), first, max);
        }
        OrganizationModel organization = RealmOrganizations.byId(session, link.name());
        return organization == null
                ? Stream.empty()
                : RealmOrganizations.of(session)
                        .orElseThrow()
                        .getMembersStream(organization, Map.of(), true, first, max);
    }

    /** How many the link is for. */
    public static long countMembers(KeycloakSession session, RealmModel realm, LinkId link) {
        if (link.ofRealm()) {
            return session.users().getUsersCount(realm);
        }
        OrganizationModel organization = RealmOrganizations.byId(session, link.name());
        return organization == null
                ? 0
                : RealmOrganizations.of(session).orElseThrow().getMembersCount(organization);
    }

    /** What the gate says with regard to this one link. */
    private Gate.Decision decide(Work work, LinkId link, UserModel user) {
        return Gate.explain(KeycloakCandidate.of(work, user, null, clock.instant()), Gate.Question.ASK).stream()
                .filter(decision ->
                        decision.link() == null || decision.link().id().equals(link))
                .findFirst()
                .orElseThrow();
    }
}
