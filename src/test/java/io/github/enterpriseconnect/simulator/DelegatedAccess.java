package io.github.enterpriseconnect.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** {@code POST /v1/service_account_authorizations}, single and in bulk (contract 3). One bad entry stops them all. */
final class DelegatedAccess {
    private static final String BULK = "service_account_authorizations";
    private static final List<String> SINGLE = List.of("email", "callback_url", "scope");
    private static final int MOST = 50;

    private final Bearers bearers;
    private final Registry registry;
    private final Switches switches;
    private final Callbacks callbacks;

    DelegatedAccess(Bearers bearers, Registry registry, Switches switches, Callbacks callbacks) {
        this.bearers = bearers;
        this.registry = registry;
        this.switches = switches;
        this.callbacks = callbacks;
    }

    /** 202 with an empty body, usually before the callbacks and with a switch after the first try of each. */
    CompletableFuture<Answer> ask(ReceivedRequest request) {
        ServiceAccount account = bearers.serviceAccount(request);
        if (!switches.get(Switch.ENTERPRISE_CONNECT)) {
            throw Refused.status(402, "the plan lacks Enterprise Connect", switches);
        }
        List<Entry> entries = entries(request.members());
        for (Entry entry : entries) {
            check(account, entry);
        }
        // What never arrives is decided all the same.
        entries.stream().filter(this::dropped).forEach(entry -> decision(account, entry));
        CompletableFuture<Void> called = callbacks.deliverAll(entries.stream()
                .filter(entry -> !dropped(entry))
                .map(entry ->
                        new Callbacks.Letter(account.application(), entry.callbackUrl, () -> decision(account, entry)))
                .toList());
        return switches.get(Switch.CALLBACK_BEFORE_ANSWER)
                ? called.thenApply(nothing -> Answer.empty(202))
                : CompletableFuture.completedFuture(Answer.empty(202));
    }

    private boolean dropped(Entry entry) {
        return switches.covers(Switch.CALLBACK_DROPPED, entry.email);
    }

    /** How many entries a request holds, for a limit that counts them (unknown). */
    static int entriesIn(ReceivedRequest request) {
        return Math.max(1, request.members().path(BULK).size());
    }

    private List<Entry> entries(ObjectNode body) {
        JsonNode bulk = body.get(BULK);
        if (bulk == null) {
            return List.of(entry(body, ""));
        }
        if (SINGLE.stream().anyMatch(body::has)) {
            throw Refused.unprocessable(BULK, "errors.mixed", "write single members or the collection, not both");
        }
        if (!bulk.isArray() || bulk.isEmpty() || bulk.size() > MOST) {
            throw Refused.unprocessable(BULK, "errors.invalid_length", "write an array of 1 to " + MOST + " entries");
        }
        String common = commonState(body);
        List<Entry> entries = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < bulk.size(); i++) {
            Entry entry = entry(bulk.get(i), BULK + "[" + i + "].").orState(common);
            if (!seen.add(entry.email.toLowerCase(Locale.ROOT))
                    && switches.get(Switch.DUPLICATE_MAILBOX) != Choice.Refusal.NONE) {
                throw Refused.unprocessable(BULK + "[" + i + "].email", "errors.duplicate", "occurs twice");
            }
            entries.add(entry);
        }
        return entries;
    }

    /** The state that a bulk ask has beside its collection, as Cronofy's Python client sends it; null for none. */
    private @Nullable String commonState(ObjectNode body) {
        String state = state(body, "");
        return switch (switches.get(Switch.BULK_STATE)) {
            case RETURNED -> state;
            case IGNORED -> null;
            case UNPROCESSABLE -> {
                if (state != null) {
                    throw Refused.unprocessable("state", "errors.not_permitted", "belongs into the entries");
                }
                yield null;
            }
        };
    }

    private static @Nullable String state(JsonNode json, String at) {
        JsonNode state = json.path("state");
        if (!state.isMissingNode() && !state.isNull() && !state.isTextual()) {
            throw Refused.unprocessable(at + "state", "errors.invalid", "is no string");
        }
        return state.isTextual() ? state.asText() : null;
    }

    private Entry entry(JsonNode json, String at) {
        String email = required(json, at, "email");
        if (email.indexOf('@') < 1 || email.endsWith("@") || email.chars().anyMatch(Character::isWhitespace)) {
            throw Refused.unprocessable(at + "email", "errors.invalid", "is no e-mail address");
        }
        String callbackUrl = required(json, at, "callback_url");
        if (!canBeCalled(callbackUrl)) {
            throw Refused.unprocessable(at + "callback_url", "errors.invalid_url", "cannot be called");
        }
        String scope = required(json, at, "scope");
        return new Entry(email, callbackUrl, Scopes.of(scope), state(json, at));
    }

    private static String required(JsonNode json, String at, String name) {
        JsonNode value = json.path(name);
        if (value.isMissingNode()
                || value.isNull()
                || (value.isValueNode() && value.asText().isBlank())) {
            throw Refused.required(at + name);
        }
        if (!value.isTextual()) {
            throw Refused.unprocessable(at + name, "errors.invalid", "is no string");
        }
        return value.asText();
    }

    private boolean canBeCalled(String url) {
        try {
            URI uri = URI.create(url);
            boolean http = "http".equals(uri.getScheme()) && !switches.get(Switch.CALLBACK_HTTPS_ONLY);
            return (http || "https".equals(uri.getScheme())) && uri.getHost() != null;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** What is refused at once rather than by callback. */
    private void check(ServiceAccount account, Entry entry) {
        boolean resource = ServiceAccount.isResource(entry.email, switches);
        String needed = resource ? Scopes.MANAGE_RESOURCES : Scopes.MANAGE_ACCOUNTS;
        if (!account.scope().has(needed)) {
            throw bearers.forbidden("the scope " + needed + " is needed");
        }
        if (!account.delegatedScope().covers(entry.scope)) {
            refuse(switches.get(Switch.SCOPE_BEYOND_GRANTED), "scope");
        }
        if (!account.isDomainOf(address(account, entry))) {
            refuse(switches.get(Switch.FOREIGN_MAILBOX), "email");
        }
    }

    private void refuse(Choice.Refusal how, String field) {
        if (how == Choice.Refusal.UNPROCESSABLE) {
            throw Refused.unprocessable(field, "errors.not_permitted", "is not permitted");
        }
        if (how == Choice.Refusal.FORBIDDEN) {
            throw bearers.forbidden(field + " is not permitted");
        }
    }

    /** The callback's body, made when it is due: the service account may be gone by then. */
    private ObjectNode decision(ServiceAccount account, Entry entry) {
        ObjectNode body = Json.object();
        ObjectNode authorization = body.putObject("authorization");
        Optional<CallbackError> error = error(account, entry);
        if (error.isPresent()) {
            authorization.setAll(error.get().json());
        } else {
            String address = switches.get(Switch.WRONG_MAILBOXES).entrySet().stream()
                    .filter(one -> one.getKey().equalsIgnoreCase(entry.email))
                    .map(Map.Entry::getValue)
                    .findFirst()
                    .orElse(address(account, entry));
            authorization.put("code", registry.mailboxCode(account, entry.callbackUrl, address, granted(entry)));
        }
        boolean echoed = error.isEmpty() || switches.get(Switch.CALLBACK_ERROR_STATE);
        if (entry.state != null && echoed) {
            authorization.put("state", entry.state);
        }
        return body;
    }

    private Optional<CallbackError> error(ServiceAccount account, Entry entry) {
        if (!account.live()) {
            return Optional.of(CallbackError.SERVICE_ACCOUNT_UNAUTHORIZED);
        }
        Optional<CallbackError> set = switches.get(Switch.MAILBOX_ERRORS).entrySet().stream()
                .filter(one -> one.getKey().equals("*") || one.getKey().equalsIgnoreCase(entry.email))
                .map(Map.Entry::getValue)
                .findFirst();
        if (set.isPresent()) {
            return set;
        }
        String address = address(account, entry);
        boolean foreign = !account.isDomainOf(address) && switches.get(Switch.FOREIGN_MAILBOX) != Choice.Refusal.NONE;
        if (foreign || !new PrincipalNames(switches).mayBeAsked(entry.email, address)) {
            return Optional.of(CallbackError.ACCOUNT_NOT_FOUND);
        }
        boolean freeBusyOnly = switches.covers(Switch.FREE_BUSY_MAILBOXES, entry.email);
        boolean beyond = !account.delegatedScope().covers(entry.scope)
                && switches.get(Switch.SCOPE_BEYOND_GRANTED) != Choice.Refusal.NONE;
        if (beyond || (freeBusyOnly && !entry.scope.names().equals(Set.of("free_busy")))) {
            return Optional.of(scopeNotGranted());
        }
        return Optional.empty();
    }

    private String address(ServiceAccount account, Entry entry) {
        return new PrincipalNames(switches).address(entry.email, account.address());
    }

    private CallbackError scopeNotGranted() {
        CallbackError both = CallbackError.SCOPE_NOT_GRANTED;
        return switch (switches.get(Switch.SCOPE_ERROR)) {
            case BOTH -> both;
            case ERROR -> new CallbackError(both.error(), null, both.errorDescription());
            case ERROR_KEY -> new CallbackError("access_denied", both.errorKey(), both.errorDescription());
        };
    }

    /** A mailbox may be granted with less than was asked for. */
    private Scopes granted(Entry entry) {
        return switches.get(Switch.GRANTED_SCOPES).entrySet().stream()
                .filter(one -> one.getKey().equals("*") || one.getKey().equalsIgnoreCase(entry.email))
                .map(one -> Scopes.of(one.getValue()))
                .findFirst()
                .orElse(entry.scope);
    }

    private record Entry(
            String email,
            String callbackUrl,
            Scopes scope,
            @Nullable String state) {

        Entry orState(@Nullable String common) {
            return state == null ? new Entry(email, callbackUrl, scope, common) : this;
        }
    }
}
