package io.github.enterpriseconnect.rest;

import io.github.enterpriseconnect.platform.PageHeaders;
import jakarta.ws.rs.core.Response;
import java.util.function.BiConsumer;
import org.keycloak.forms.login.LoginFormsProvider;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.utils.KeycloakModelUtils;

/**
 * Renders our templates in the realm's login theme. In a session of its own, because the request's transaction has
 * ended by then: pages follow upon calls to Cronofy. Carries {@link PageHeaders} and is never cached.
 */
final class Pages {
    private final KeycloakSession session;

    Pages(KeycloakSession session) {
        this.session = session;
    }

    /** @param content fills the form, in the session that renders it */
    Response render(String template, Response.Status status, BiConsumer<KeycloakSession, LoginFormsProvider> content) {
        return KeycloakModelUtils.runJobInTransactionWithResult(
                session.getKeycloakSessionFactory(),
                session.getContext(),
                rendering -> {
                    LoginFormsProvider form = rendering.getProvider(LoginFormsProvider.class);
                    content.accept(rendering, form);
                    Response page =
                            form.setDetachedAuthSession().setStatus(status).createForm(template);
                    Response.ResponseBuilder response =
                            Response.fromResponse(page).header("Cache-Control", "no-store");
                    PageHeaders.of(session, rendering.getContext().getRealm()).forEach(response::header);
                    return response.build();
                },
                "Enterprise Connect page");
    }
}
