package io.github.enterpriseconnect.resource;

import io.github.enterpriseconnect.core.Consumer;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Mailbox;
import io.github.enterpriseconnect.core.Resource;
import io.github.enterpriseconnect.middle.Middle;
import io.github.enterpriseconnect.middle.TestRealm;
import io.github.enterpriseconnect.token.AccessTokenRefused;
import io.github.enterpriseconnect.token.IssuedToken;
import io.github.enterpriseconnect.token.ResourceTokenRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The rooms of the link of a {@link Middle}, whose service account may list them. */
final class Rooms {
    static final String ONE = "room1@acme.example";
    static final String TWO = "room2@acme.example";

    /** Longer than from one look at what is due to the next. */
    private static final Duration A_ROUND = Duration.ofMinutes(2);

    private final Middle middle;

    Rooms(Middle middle) {
        this.middle = middle;
    }

    static Resource.Listed room(String address, @Nullable String name, @Nullable Integer capacity) {
        return new Resource.Listed(
                mailbox(address), new Resource.Details(name, capacity, "{\"buildingName\":\"Main building\"}"));
    }

    static Mailbox mailbox(String address) {
        return Mailbox.parse(address).orElseThrow();
    }

    /** Cronofy lists these rooms from now on, and has been asked. */
    void listed(String... addresses) {
        middle.cronofy.lists(List.of(addresses).stream()
                .map(address -> room(address, "Room " + address.charAt(4), 8))
                .toArray(Resource.Listed[]::new));
        middle.transactions.doInRealm(middle.realm.id(), work -> middle.resources.list(work, middle.link));
        turn();
    }

    void turn() {
        middle.worker.turn(A_ROUND);
    }

    List<Resource> all() {
        return middle.transactions.inRealm(
                middle.realm.id(), work -> work.resources().of(middle.link, 1_000));
    }

    Optional<Resource> find(String address) {
        return middle.transactions.inRealm(
                middle.realm.id(), work -> work.resources().byMailbox(middle.link, mailbox(address)));
    }

    Resource get(String address) {
        return find(address).orElseThrow();
    }

    Delegation.State state(String address) {
        return get(address).delegation().state();
    }

    /** An administrator has it delegated, and it has been asked for. */
    void delegate(String address) {
        Resource resource = get(address);
        middle.transactions.doInRealm(middle.realm.id(), work -> middle.resources.delegate(work, resource));
        turn();
    }

    void revoke(String address) {
        Resource resource = get(address);
        middle.transactions.doInRealm(middle.realm.id(), work -> middle.resources.revoke(work, resource));
        turn();
    }

    void answer(String address) {
        answer(address, "{\"authorization\": {\"code\": \"code-of-" + address + "\"}}");
    }

    void answer(String address, String body) {
        String url = middle.cronofy.callbackOf(address);
        String ticket = url.substring(url.lastIndexOf('/') + 1);
        middle.answers.receive(middle.realm.id(), ticket, Optional.empty(), body.getBytes(StandardCharsets.UTF_8));
        middle.worker.run();
    }

    /** It is delegated, from the list on. */
    void granted(String address) {
        middle.cronofy.grantsByMailbox(mailbox -> "acc_" + mailbox);
        if (find(address).isEmpty()) {
            listed(address);
        }
        delegate(address);
        answer(address);
        middle.clock.turn(Duration.ofMillis(1));
    }

    IssuedToken token(String address) throws AccessTokenRefused {
        return token(address, TestRealm.CONSUMER);
    }

    IssuedToken token(String address, Consumer consumer) throws AccessTokenRefused {
        return middle.resourceTokens.issue(
                new ResourceTokenRequest(middle.realm.id(), mailbox(address), consumer, null, null));
    }
}
