package io.github.enterpriseconnect.integration;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jwt.SignedJWT;
import com.nimbusds.oauth2.sdk.dpop.DefaultDPoPProofFactory;
import com.nimbusds.oauth2.sdk.token.DPoPAccessToken;
import java.net.URI;
import java.util.Map;

/** Proofs of having the key that a token is bound to (RFC 9449). */
final class PossessionProof {
    private PossessionProof() {}

    /**
     * The header for a request to this address.
     *
     * @param token what it is shown with; empty at a token endpoint
     */
    static Map<String, String> header(ECKey key, URI uri, String token) {
        try {
            DefaultDPoPProofFactory proofs = new DefaultDPoPProofFactory(key, JWSAlgorithm.ES256);
            SignedJWT proof = token.isEmpty()
                    ? proofs.createDPoPJWT("POST", uri)
                    : proofs.createDPoPJWT("POST", uri, new DPoPAccessToken(token));
            return Map.of("DPoP", proof.serialize());
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }
}
