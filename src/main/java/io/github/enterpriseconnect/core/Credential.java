package io.github.enterpriseconnect.core;

/**
 * The tokens of a link or a delegation, with what they are for.
 *
 * @param application see {@link Application#key()}
 * @param subject Cronofy's {@code ser_…} or {@code acc_…}
 * @param link name of the link that it was obtained through
 * @param mailbox address it gives access to; for a link's credential the service account's domain
 */
public record Credential(String application, String subject, String link, String mailbox, Tokens tokens) {

    public Credential with(Tokens newTokens) {
        return new Credential(application, subject, link, mailbox, newTokens);
    }
}
