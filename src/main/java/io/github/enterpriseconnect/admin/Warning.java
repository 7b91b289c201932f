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
                        + " Allowed Protocol Mapper Types, for anonymous and for authenticated access.");

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
