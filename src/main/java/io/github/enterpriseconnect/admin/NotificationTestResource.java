package io.github.enterpriseconnect.admin;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.github.enterpriseconnect.core.Consumer;
import io.github.enterpriseconnect.notification.NotificationDispatcher;
import io.github.enterpriseconnect.notification.Push;
import io.github.enterpriseconnect.settings.RealmSettings;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** {@code consumers/{clientId}/notifications}: trying where a consumer is told what happens to calendars. */
public final class NotificationTestResource {
    private final AdminRequest request;
    private final String client;

    NotificationTestResource(AdminRequest request, String client) {
        this.request = request;
        this.client = client;
    }

    /**
     * What came of it. Of the receiver's answer there is its status and the error code of RFC 8935, and nothing else.
     *
     * @param ok whether it was accepted
     * @param status of HTTP; absent if there was no answer
     * @param problem what is wrong, in one word; absent if nothing is
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record TestResult(
            boolean ok, @Nullable Integer status, @Nullable String problem) {

        static TestResult of(Push.Answer answer) {
            return new TestResult(
                    answer.accepted(),
                    answer.status() == 0 ? null : answer.status(),
                    answer.accepted() ? null : answer.problem());
        }
    }

    /** Sends the consumer an event that is about nothing, to the address that is stored, now. */
    @POST
    @Path("test")
    @Produces(MediaType.APPLICATION_JSON)
    public TestResult test() {
        request.auth().realm().requireManageRealm();
        Consumer consumer = RealmSettings.of(request.realm())
                .flatMap(settings -> settings.consumer(client))
                .orElseThrow(NotFoundException::new);
        if (consumer.receiver() == null) {
            throw RequestRefused.because(
                    "the consumer " + client + " has no address; PUT settings with notifications.url of it first",
                    Response.Status.CONFLICT);
        }
        NotificationDispatcher dispatcher = request.parts().notificationDispatcher();
        String realm = request.realm().getId();
        request.session().getTransactionManager().commit();
        Optional<Push.Answer> answer = dispatcher.test(realm, client);
        return TestResult.of(answer.orElseThrow(() -> RequestRefused.because(
                "nothing can be sent at present: the realm's signing key, or the authorization of the notifications,"
                        + " cannot be read, or the authorization was written for another server; bring the key back,"
                        + " or write the authorization again",
                Response.Status.CONFLICT)));
    }
}
