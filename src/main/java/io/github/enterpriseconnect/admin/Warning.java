package io.github.enterpriseconnect.admin;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Locale;

/**
 * Something that an administrator of a realm should know or do.
 *
 * @param code by which it is known
 * @param message what it is and what to do about it
 * @param names what it is about, where that has names; otherwise empty
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Warning(String code, String message, List<String> names) {

    /** What there is to warn of. */
    public enum Code {
        /** See {@link MapperChoice}. */
        STRANGERS_CHOOSE_MAPPERS(
                "Whoever may register a client may give it mappers that name anybody in its tokens; a consumer that is"
                        + " shown such a token fetches that person's. Leave every mapper that writes a claim of one's"
                        + " choice, such as User Attribute and User Property, out of the client registration policies"
                        + " Allowed Protocol Mapper Types, for anonymous and for authenticated access."),
        CLIENT_SECRET_MISSING(
                "The settings have a mask in place of the client secret, as a partial export writes it. Nothing is asked of"
                        + " Cronofy until somebody enters the secret."),
        CLIENT_SECRET_WITHHELD(
                "The client secret cannot be read at present: its key provider is switched off, or the vault does not have"
                        + " it. Nothing is asked of Cronofy until it can be read again."),
        CLIENT_SECRET_LOST(
                "The key that the client secret is sealed under is gone, or the settings come from another realm. Nothing"
                        + " is asked of Cronofy until somebody enters the secret again."),
        CLIENT_SECRET_ROTATING(
                "The client secret is being replaced: the settings have the present one and the next one, and both count. Once"
                        + " Cronofy accepts the next one, finish the rotation: POST settings/rotation."),
        UNKNOWN_SETTINGS("The settings have what this version does not know. It is kept, since a newer version may have"
                + " written it, and counts for nothing."),
        /** See {@link io.github.enterpriseconnect.core.Reason#RULE_UNRESOLVED}. */
        POLICIES_UNRESOLVED(
                "The policies of these links name groups or roles that the realm no longer has. Members who need them"
                        + " are withheld, and nobody is ended, until the policies are saved without them.");

        private final String message;

        Code(String message) {
            this.message = message;
        }

        /** The name in the API. */
        public String id() {
            return name().toLowerCase(Locale.ROOT);
        }

        Warning warning(List<String> names) {
            return new Warning(id(), message, names);
        }
    }
}
