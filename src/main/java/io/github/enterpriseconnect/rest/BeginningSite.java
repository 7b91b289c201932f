package io.github.enterpriseconnect.rest;

import io.github.enterpriseconnect.settings.RealmSettings;
import io.github.enterpriseconnect.settings.Settings;
import java.net.URI;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.keycloak.models.KeycloakSession;
import org.keycloak.urls.UrlType;

/**
 * Which site a form was sent from, as the browser says. Another site could have somebody who is signed in at Cronofy
 * authorize what that person never looked at.
 */
final class BeginningSite {
    private static final Set<String> OWN = Set.of("same-origin", "none");

    private BeginningSite() {}

    /** As {@link #isForeign(String, String, Stream)}, for a form on a page of ours that Cronofy has led to or leads on. */
    static boolean isForeign(KeycloakSession session, @Nullable String fetchSite, @Nullable String origin) {
        URI frontend = session.getContext().getUri(UrlType.FRONTEND).getBaseUri();
        Stream<URI> own = Stream.concat(
                Stream.of(frontend, session.getContext().getUri().getBaseUri()),
                RealmSettings.of(session.getContext().getRealm()).map(Settings::publicUrl).map(URI::create).stream());
        return isForeign(fetchSite, origin, own);
    }

    /**
     * Whether it is another site.
     *
     * @param fetchSite the header {@code Sec-Fetch-Site}, which every present browser sends over TLS and to localhost
     * @param origin the header {@code Origin}, which is {@code null} in what our own pages send, since they send no
     *     referrer; it counts where the other is missing
     * @param own addresses of this server
     */
    static boolean isForeign(@Nullable String fetchSite, @Nullable String origin, Stream<URI> own) {
        if (fetchSite != null) {
            return !OWN.contains(fetchSite);
        }
        return origin != null
                && !origin.equals("null")
                && !own.map(BeginningSite::origin).collect(Collectors.toSet()).contains(origin);
    }

    private static String origin(URI address) {
        boolean preset = address.getPort() == ("https".equals(address.getScheme()) ? 443 : 80);
        return address.getScheme() + "://" + address.getHost()
                + (address.getPort() < 0 || preset ? "" : ":" + address.getPort());
    }
}
