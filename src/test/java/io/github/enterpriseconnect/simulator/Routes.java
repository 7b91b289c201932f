package io.github.enterpriseconnect.simulator;

import java.util.concurrent.CompletableFuture;

/** Which path is served by what (contract 0: one port for all hosts). Anything else is a 404. */
final class Routes {
    private final AuthorizationPages pages;
    private final TokenEndpoint tokens;
    private final DelegatedAccess delegatedAccess;
    private final CalendarReads reads;
    private final CalendarWrites writes;
    private final Channels channels;
    private final Bearers bearers;
    private final Registry registry;
    private final Switches switches;

    Routes(
            AuthorizationPages pages,
            TokenEndpoint tokens,
            DelegatedAccess delegatedAccess,
            CalendarReads reads,
            CalendarWrites writes,
            Channels channels,
            Bearers bearers,
            Registry registry,
            Switches switches) {
        this.pages = pages;
        this.tokens = tokens;
        this.delegatedAccess = delegatedAccess;
        this.reads = reads;
        this.writes = writes;
        this.channels = channels;
        this.bearers = bearers;
        this.registry = registry;
        this.switches = switches;
    }

    CompletableFuture<Answer> serve(ReceivedRequest request) {
        String route = request.method() + " " + request.path();
        return route.equals("POST /v1/service_account_authorizations")
                ? delegatedAccess.ask(request)
                : CompletableFuture.completedFuture(answer(route, request));
    }

    private Answer answer(String route, ReceivedRequest request) {
        return switch (route) {
            case "GET /enterprise_connect/oauth/authorize", "GET /service_accounts/oauth/authorize" ->
                pages.show(request);
            case "POST /enterprise_connect/oauth/authorize", "POST /service_accounts/oauth/authorize" ->
                pages.decide(request);
            case "POST /oauth/token" -> tokens.token(request);
            case "POST /oauth/token/revoke" -> tokens.revoke(request);
            case "GET /v1/userinfo" -> reads.userinfo(request);
            case "GET /v1/account" -> reads.account(request);
            case "GET /v1/profiles" -> reads.profiles(request);
            case "GET /v1/resources" -> reads.resources(request);
            case "GET /v1/calendars" -> reads.calendars(request);
            case "GET /v1/events" -> reads.events(request);
            case "GET /v1/free_busy" -> reads.freeBusy(request);
            case "POST /v1/permissions" -> writes.permissions(request);
            case "POST /v1/channels" -> channels.create(request);
            case "GET /v1/channels" -> channels.list(request);
            case "POST /v1/application_verification" -> verification(request);
            default -> withIdentifier(request);
        };
    }

    private Answer withIdentifier(ReceivedRequest request) {
        String[] parts = request.path().split("/", -1);
        String id = parts.length > 3 ? parts[3] : "";
        String shape = parts.length > 4 ? parts[2] + "/{id}/" + parts[4] : parts.length > 3 ? parts[2] + "/{id}" : "";
        return switch (parts.length > 5 ? "" : request.method() + " " + shape) {
            case "POST calendars/{id}/events" -> writes.putEvent(request, id);
            case "DELETE calendars/{id}/events" -> writes.deleteEvent(request, id);
            case "POST profiles/{id}/revoke" -> writes.revokeProfile(request, id);
            case "DELETE channels/{id}" -> channels.delete(request, id);
            default -> throw bearers.notFound();
        };
    }

    /** Takes the redirect URIs and changes nothing: registering them is the switch's business (contract 1). */
    private Answer verification(ReceivedRequest request) {
        if (registry.applicationBySecret(request.bearer()).isEmpty()) {
            throw Refused.status(401, "the client secret is not recognised", switches);
        }
        return Answer.json(202, Json.object());
    }
}
