package io.github.enterpriseconnect.candidate;

import io.github.enterpriseconnect.core.Mailbox;
import io.github.enterpriseconnect.core.SignIn;
import io.github.enterpriseconnect.core.Unreadable;
import io.github.enterpriseconnect.core.User;
import io.github.enterpriseconnect.platform.Work;
import io.github.enterpriseconnect.storage.Change;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which address a user has proved to be theirs. Only the present one can be proved, and only while Keycloak holds it
 * for verified; the proof ends with the address.
 */
public final class AddressProofs {
    private AddressProofs() {}

    /**
     * Takes down that the user has proved the address that they have.
     *
     * @param by the event, or the alias of the identity provider, that proved it
     */
    public static void prove(Work work, User user, String by, Instant now) {
        try {
            if (user.emailVerified()) {
                Mailbox.parse(user.email()).ifPresent(mailbox -> work.members().prove(user.id(), mailbox, by, now));
            }
        } catch (Unreadable silent) {
            // Nobody can tell what was proved; the next sign-in or proof may.
            return;
        }
    }

    /**
     * Takes down what a transaction of Keycloak's has done to the user's address, after its commit: the proof of another
     * address than it left ends, and what it proved counts if that is the address that the user has.
     *
     * @throws Unreadable the present address cannot be read; nothing has changed
     */
    public static void update(Work work, User user, Change.UserChanged changed, Instant now) {
        Optional<Mailbox> present = Mailbox.parse(user.email());
        work.members().forgetOtherProofs(user.id(), present);
        Mailbox left = changed.mailbox();
        if (left != null) {
            work.members().forgetOtherProofs(user.id(), Optional.of(left));
        }
        if (changed.provenBy() != null && left != null && present.equals(Optional.of(left))) {
            prove(work, user, changed.provenBy(), now);
        }
    }

    /**
     * Takes down what an identity provider has vouched for at this sign-in; forgets proofs of other addresses. Nothing
     * changes while the present address cannot be read.
     */
    public static void update(Work work, User user, @Nullable SignIn signIn, Instant now) {
        Optional<Mailbox> present;
        try {
            present = Mailbox.parse(user.email());
        } catch (Unreadable silent) {
            return;
        }
        work.members().forgetOtherProofs(user.id(), present);
        if (signIn != null && signIn.vouchedFor() != null && present.equals(Optional.of(signIn.vouchedFor()))) {
            prove(work, user, String.valueOf(signIn.identityProvider()), now);
        }
    }
}
