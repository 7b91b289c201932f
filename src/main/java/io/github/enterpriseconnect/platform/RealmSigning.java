package io.github.enterpriseconnect.platform;

import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Unreadable;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.keycloak.Config;
import org.keycloak.crypto.Algorithm;
import org.keycloak.crypto.SignatureProvider;
import org.keycloak.crypto.SignatureSignerContext;
import org.keycloak.jose.jws.JWSBuilder;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;

/** What a realm signs for others than its own clients' sessions, without a request that would tell where it is reached. */
record RealmSigning(KeycloakSession session, RealmModel realm) {
    /** With what nobody but Keycloak can verify, nobody is helped. */
    private static final Set<String> SYMMETRIC = Set.of(Algorithm.HS256, Algorithm.HS384, Algorithm.HS512);

    String sign(String type, Map<String, Object> claims) {
        RealmModel before = session.getContext().getRealm();
        session.getContext().setRealm(realm);
        try {
            SignatureSignerContext signer =
                    session.getProvider(SignatureProvider.class, algorithm()).signer();
            return new JWSBuilder().type(type).jsonContent(claims).sign(signer);
        } catch (RuntimeException noKey) {
            // Deliberately everything: key providers fail in ways of their own.
            throw Unreadable.because(Reason.KEY_AWAY);
        } finally {
            session.getContext().setRealm(before);
        }
    }

    private String algorithm() {
        String written = realm.getDefaultSignatureAlgorithm();
        return written == null || written.isBlank() || SYMMETRIC.contains(written) ? Algorithm.RS256 : written;
    }

    String issuer(@Nullable String noted) {
        String ofRealm = realm.getAttribute("frontendUrl");
        String ofServer = Config.scope("hostname", "v2").get("hostname");
        String base = full(ofRealm) ? ofRealm : full(ofServer) ? ofServer : null;
        if (base != null) {
            return Endpoints.issuer(base.endsWith("/") ? base.substring(0, base.length() - 1) : base, realm.getName());
        }
        if (noted == null) {
            throw Unreadable.because(Reason.MISCONFIGURED);
        }
        return noted;
    }

    /** Where a server knows no more than a name, port and scheme are those of whoever asks. */
    private static boolean full(@Nullable String address) {
        return address != null && (address.startsWith("https://") || address.startsWith("http://"));
    }
}
