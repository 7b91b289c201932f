package io.github.enterpriseconnect.rest;

import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import org.jspecify.annotations.Nullable;

/**
 * The description of the API as this version has it (OpenAPI 3.1), from which clients are generated. It is the same in
 * every realm and tells nothing of any, so anybody may read it.
 */
public final class ApiDescription {
    private static final String TYPE = "application/yaml"; // RFC 9512

    ApiDescription() {}

    /** Whatever type is asked for: there is one, and generators ask for another now and then. */
    @GET
    @Path("")
    public Response document(@HeaderParam(HttpHeaders.IF_NONE_MATCH) @Nullable String known) {
        PublishedFile document = PublishedFile.named("openapi.yaml", TYPE);
        if (document == null) {
            throw new NotFoundException();
        }
        return document.answer(known);
    }
}
