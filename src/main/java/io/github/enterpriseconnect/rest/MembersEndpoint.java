package io.github.enterpriseconnect.rest;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.github.enterpriseconnect.EnterpriseConnect;
import io.github.enterpriseconnect.core.Consumer;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.RosterEntry;
import io.github.enterpriseconnect.core.Suspensions;
import io.github.enterpriseconnect.member.Roster;
import io.github.enterpriseconnect.member.RosterPosition;
import io.github.enterpriseconnect.platform.KeycloakTransactions;
import io.github.enterpriseconnect.platform.Work;
import io.github.enterpriseconnect.server.EnterpriseConnectProvider;
import io.github.enterpriseconnect.settings.RealmSettings;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.keycloak.events.Details;
import org.keycloak.events.EventBuilder;
import org.keycloak.events.EventType;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;

/**
 * {@code members}: an application with the right {@code directory} reads who of its organizations has a calendar, and keeps
 * its copy in step. It tells what was stored last; whether there is a token now, only the token's own doors tell.
 */
public final class MembersEndpoint {
    private static final List<String> WANTED = List.of("changedSince", "organization", "after", "max");
    private static final int DEFAULT_PAGE = 100;
    private static final int LARGEST_PAGE = 500;
    private static final Duration LATEST = Duration.ofDays(1);
    private static final Duration REALM_COMES_BACK = Duration.ofMinutes(1);
    private static final Duration NEWER_VERSION = Duration.ofSeconds(10);

    private final KeycloakSession session;
    private final RealmModel realm;

    MembersEndpoint(KeycloakSession session) {
        this.session = session;
        this.realm = session.getContext().getRealm();
    }

    /**
     * A page of members.
     *
     * @param next what to send as {@code after} for the next one; null at the end
     * @param changedSince what to send as {@code changedSince} for whatever changes from now on; null before the end
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Page(
            List<Member> members,
            @Nullable String next,
            @Nullable String changedSince) {
        static Page of(Roster.Page page) {
            return new Page(
                    page.members().stream().map(Member::of).toList(),
                    page.next() == null ? null : page.next().toString(),
                    page.changedSince() == null ? null : page.changedSince().toString());
        }
    }

    /** A member of a link as an application is told of them; times in ISO 8601. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Member(
            String id,
            String user,
            @Nullable String organization,
            String link,
            String state,
            @Nullable String reason,
            @Nullable String since) {
        static Member of(RosterEntry entry) {
            return new Member(
                    entry.id(),
                    entry.userId(),
                    LinkId.REALM.equals(entry.link()) ? null : entry.link(),
                    entry.link(),
                    entry.state(),
                    entry.reason(),
                    entry.since() == null ? null : entry.since().toString());
        }
    }

    /**
     * As the application writes it.
     *
     * @param misplaced what of it stands in a form, where nobody reads it
     */
    private record Wanted(
            @Nullable String changedSince,
            @Nullable String organization,
            @Nullable String after,
            @Nullable String max,
            List<String> misplaced) {

        RosterPosition position(Roster roster, Work work, Consumer consumer, Instant now) throws TokenRefused {
            if (!misplaced.isEmpty()) {
                throw wrong("Send " + misplaced.get(0) + " in the URL, after ?; the form is for authenticating alone.");
            }
            if (organization != null && (organization.isBlank() || !RosterPosition.searchable(organization))) {
                throw wrong("organization must be the name of a link, as a member has it; leave it out for all.");
            }
            if (after == null) {
                return roster.beginning(work, consumer, since(now), organization);
            }
            if (changedSince != null || organization != null) {
                throw wrong("Send after alone, or with max: it stands for what the first page was asked for.");
            }
            return RosterPosition.read(after)
                    .filter(position -> position.fits(work.realm().id(), consumer))
                    .orElseThrow(() -> wrong("after must be what the page before has called next, in this realm and"
                            + " for the same organizations of the client; begin anew without it."));
        }

        private @Nullable Instant since(Instant now) throws TokenRefused {
            if (changedSince == null) {
                return null;
            }
            try {
                Instant since = OffsetDateTime.parse(changedSince).toInstant().truncatedTo(ChronoUnit.MILLIS);
                if (since.isBefore(now.minus(Roster.OLDEST))) {
                    throw wrong("changedSince is longer ago than changes are kept; leave it out to read everything,"
                            + " and forget whom you do not find.");
                }
                if (since.isAfter(now.plus(LATEST))) {
                    throw wrong("changedSince lies in the future; send it as an answer has told it.");
                }
                return since;
            } catch (DateTimeParseException unreadable) {
                throw wrong("changedSince must be a time as an answer has told it, like 2026-12-01T03:00:00Z.");
            }
        }

        int size() throws TokenRefused {
            try {
                int size = max == null ? DEFAULT_PAGE : Integer.parseInt(max);
                if (size >= 1 && size <= LARGEST_PAGE) {
                    return size;
                }
            } catch (NumberFormatException wrong) {
                // Answered below, like a number that is too large.
            }
            throw wrong("max must be a number from 1 to " + LARGEST_PAGE + ".");
        }

        private static TokenRefused wrong(String description) {
            return new TokenRefused(TokenError.INVALID_REQUEST, description);
        }
    }

    @GET
    @Path("")
    @Produces(MediaType.APPLICATION_JSON)
    public Response list(
            @QueryParam("changedSince") @Nullable String changedSince,
            @QueryParam("organization") @Nullable String organization,
            @QueryParam("after") @Nullable String after,
            @QueryParam("max") @Nullable String max) {
        return answer(new Wanted(changedSince, organization, after, max, List.of()));
    }

    /** The same for clients that authenticate in a form: by a secret there, or by an assertion. */
    @POST
    @Path("")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    @Produces(MediaType.APPLICATION_JSON)
    public Response listAuthenticatedByForm(
            @QueryParam("changedSince") @Nullable String changedSince,
            @QueryParam("organization") @Nullable String organization,
            @QueryParam("after") @Nullable String after,
            @QueryParam("max") @Nullable String max) {
        MultivaluedMap<String, String> form =
                session.getContext().getHttpRequest().getDecodedFormParameters();
        List<String> misplaced = WANTED.stream().filter(form::containsKey).toList();
        return answer(new Wanted(changedSince, organization, after, max, misplaced));
    }

    private Response answer(Wanted wanted) {
        EventBuilder event = new EventBuilder(
                        realm, session, session.getContext().getConnection())
                .event(EventType.CLIENT_INFO)
                .detail(Details.IDENTITY_PROVIDER, EnterpriseConnect.ID)
                .detail("right", Consumer.Right.DIRECTORY.id());
        ConsumerClient client;
        try {
            client = ConsumerClient.authenticate(session, event);
        } catch (TokenRefused refused) {
            return refused.response(TokenEntryPoint.OWN, session);
        }
        event.client(client.model().getClientId());
        try {
            Roster.Page page = page(client, wanted);
            event.detail("members", String.valueOf(page.members().size())).success();
            return Response.ok(Page.of(page))
                    .type(MediaType.APPLICATION_JSON_TYPE)
                    .header("Cache-Control", "no-store")
                    .header("Pragma", "no-cache")
                    .build();
        } catch (TokenRefused refused) {
            event.detail(Details.REASON, refused.getMessage())
                    .error(refused.error().id());
            return refused.response(TokenEntryPoint.OWN, session);
        }
    }

    private Roster.Page page(ConsumerClient client, Wanted wanted) throws TokenRefused {
        Consumer consumer = client.with(Consumer.Right.DIRECTORY);
        RequestTransaction transaction = new RequestTransaction(session);
        Work work = KeycloakTransactions.joined(session, realm);
        requireServed(work, consumer);
        EnterpriseConnectProvider parts = session.getProvider(EnterpriseConnectProvider.class);
        RosterPosition position = wanted.position(parts.roster(), work, consumer, parts.now());
        if (position.since() == null && Roster.incomplete(work)) {
            throw new TokenRefused(
                    TokenError.TEMPORARILY_UNAVAILABLE,
                    "The realm was removed and is coming back; not everybody can be told of yet.",
                    REALM_COMES_BACK);
        }
        Roster.Page page = parts.roster().page(work, consumer, position, wanted.size());
        transaction.require();
        return page;
    }

    /** Of suspended links and a suspended realm the states are told, for they stay as they are. */
    private void requireServed(Work work, Consumer consumer) throws TokenRefused {
        if (!RealmSettings.enabled(realm)) {
            throw new TokenRefused(TokenError.ACCESS_DENIED, "not_enabled");
        }
        Suspensions suspensions = work.suspensions().all();
        if (suspensions.consumer(consumer.clientId())) {
            throw new TokenRefused(TokenError.ACCESS_DENIED, "consumer_suspended");
        }
        if (suspensions.anyUnknown()) {
            throw new TokenRefused(
                    TokenError.TEMPORARILY_UNAVAILABLE,
                    "Somebody is suspended in a way that this version does not know; ask again later.",
                    NEWER_VERSION);
        }
    }
}
