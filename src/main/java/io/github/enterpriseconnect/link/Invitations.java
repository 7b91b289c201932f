package io.github.enterpriseconnect.link;

import io.github.enterpriseconnect.core.Cronofy;
import io.github.enterpriseconnect.core.Domain;
import io.github.enterpriseconnect.core.Invitation;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.LinkDomain;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Secret;
import io.github.enterpriseconnect.core.Ticket;
import io.github.enterpriseconnect.platform.Endpoints;
import io.github.enterpriseconnect.platform.Tickets;
import io.github.enterpriseconnect.platform.Transactions;
import io.github.enterpriseconnect.platform.Work;
import io.github.enterpriseconnect.settings.Settings;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.FormatStyle;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One-time invitations to authorize a link's service account: who made them, what their page tells, and the departure
 * to Cronofy. What follows when the browser is back is {@link LinkAuthorization}.
 */
public final class Invitations {
    private static final DateTimeFormatter EXPIRY =
            DateTimeFormatter.ofLocalizedDateTime(FormatStyle.LONG, FormatStyle.SHORT);

    private final Transactions transactions;
    private final Tickets tickets;
    private final Cronofy cronofy;
    private final SecureRandom random;
    private final InstantSource clock;

    /**
     * A new invitation and the only copy of its address.
     *
     * @param ticketUrl the page to open or to send; a secret
     */
    public record Invited(Invitation invitation, Secret ticketUrl) {}

    /**
     * What an invitation's page tells before anything happens.
     *
     * @param replaced the service account whose place another may take; null if none may
     */
    public record Introduction(
            Invitation invitation,
            String scope,
            String delegatedScope,
            List<Domain> approvedDomains,
            boolean relink,
            @Nullable String replaced) {}

    /**
     * Who is invited to what.
     *
     * @param by Keycloak's id of the administrator who invites
     * @param replacement whether another service account may take the place of the link's
     */
    public record Wish(LinkId link, String by, boolean replacement, Duration lifetime) {}

    /**
     * What the browser needs to leave for Cronofy and to be recognised when it is back.
     *
     * @param authorizationUrl where to send the browser
     * @param cookieName belongs to this round trip alone, see {@link #cookieName}
     * @param cookie what the browser must bring back
     * @param callback where it will come back to
     */
    public record Departure(URI authorizationUrl, String cookieName, Secret cookie, URI callback) {}

    /** Name of the cookie that belongs to a state, so that several round trips of one browser do not meet. */
    public static String cookieName(String state) {
        return "KC_ENTERPRISE_CONNECT_" + Ticket.hash(state).substring(0, 16);
    }

    public Invitations(
            Transactions transactions, Tickets tickets, Cronofy cronofy, SecureRandom random, InstantSource clock) {
        this.transactions = transactions;
        this.tickets = tickets;
        this.cronofy = cronofy;
        this.random = random;
        this.clock = clock;
    }

    /**
     * Invites somebody to authorize the link's service account.
     *
     * @param frontend base of Keycloak's frontend, without a slash at the end; the settings' {@code publicUrl} goes
     *     before
     */
    public Invited invite(Work work, Settings settings, Wish wish, String frontend) {
        LinkId link = wish.link();
        Ticket ticket = tickets.issue(Ticket.Door.INVITATION, link.realm());
        Instant now = clock.instant();
        Invitation invitation = work.invitations()
                .create(link, ticket.hash(), wish.by(), wish.replacement(), now, now.plus(wish.lifetime()));
        String base = settings.publicUrl() == null ? frontend : settings.publicUrl();
        return new Invited(
                invitation, Secret.of(Endpoints.invitation(base, work.realm().name(), ticket)));
    }

    /** When an invitation ends, as people read it who may be anywhere. */
    public static String expiry(Invitation invitation, Locale locale) {
        return EXPIRY.withLocale(locale).format(invitation.expiresAt().atZone(ZoneOffset.UTC)) + " UTC";
    }

    /** What the page of a usable invitation shows; empty for every other ticket. */
    public Optional<Introduction> introduce(String realmId, String ticket) {
        if (tickets.forged(Ticket.Door.INVITATION, realmId, ticket)) {
            return Optional.empty();
        }
        return transactions.inRealm(realmId, work -> work.invitations()
                .open(realmId, Ticket.hash(ticket), clock.instant())
                .flatMap(invitation -> work.realm().settings().map(settings -> introduce(work, invitation, settings))));
    }

    private static Introduction introduce(Work work, Invitation invitation, Settings settings) {
        Link link = work.links().get(invitation.link());
        return new Introduction(
                invitation,
                settings.scope(),
                settings.delegatedScope(),
                link.domains().stream()
                        .filter(LinkDomain::approved)
                        .map(LinkDomain::domain)
                        .toList(),
                link.linked(),
                invitation.replacement() ? link.serviceAccount() : null);
    }

    /**
     * Begins the round trip to Cronofy.
     *
     * @param frontend as for {@link #invite}
     */
    public Optional<Departure> depart(String realmId, String ticket, String frontend) {
        if (tickets.forged(Ticket.Door.INVITATION, realmId, ticket)) {
            return Optional.empty();
        }
        Ticket state = tickets.issue(Ticket.Door.LINK_CALLBACK, realmId);
        Ticket cookie = Ticket.random(random);
        return transactions.inRealm(realmId, work -> work.realm()
                .settings()
                .flatMap(settings -> work.realm().application().flatMap(application -> {
                    String base = settings.publicUrl() == null ? frontend : settings.publicUrl();
                    boolean started = work.invitations()
                            .start(realmId, Ticket.hash(ticket), state.hash(), cookie.hash(), base, clock.instant());
                    if (!started) {
                        return Optional.empty();
                    }
                    String callback = Endpoints.linkCallback(base, work.realm().name());
                    URI url = cronofy.authorizationUrl(
                            application, settings.scope(), settings.delegatedScope(), callback, state.value());
                    return Optional.of(new Departure(
                            url, cookieName(state.value().reveal()), cookie.value(), URI.create(callback)));
                })));
    }
}
