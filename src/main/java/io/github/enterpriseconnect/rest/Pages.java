package io.github.enterpriseconnect.rest;

import jakarta.ws.rs.core.CacheControl;
import jakarta.ws.rs.core.Response;
import java.util.function.Consumer;
import org.keycloak.forms.login.LoginFormsProvider;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.utils.KeycloakModelUtils;

/**
 * Renders our templates in the realm's login theme. In a session of its own, because the request's transaction has ended
 * by then: pages follow upon calls to Cronofy. Never cached; sends no referrer, which could carry a ticket or state.
 */
final class Pages {
    private final KeycloakSession session;

    Pages(KeycloakSession session) {
        this.session = session;
    }

    Response render(String template, Response.Status status, Consumer<LoginFormsProvider> content) {
        return KeycloakModelUtils.runJobInTransactionWithResult(
                session.getKeycloakSessionFactory(),
                session.getContext(),
                rendering -> {
                    LoginFormsProvider form = rendering.getProvider(LoginFormsProvider.class);
                    content.accept(form);
                    Response page =
                            form.setDetachedAuthSession().setStatus(status).createForm(template);
                    return Response.fromResponse(page)
                            .cacheControl(noStore())
                            .header("Referrer-Policy", "no-referrer")
                            .build();
                },
                "Enterprise Connect page");
    }

    private static CacheControl noStore() {
        CacheControl control = new CacheControl();
        control.setNoStore(true);
        return control;
    }
}
