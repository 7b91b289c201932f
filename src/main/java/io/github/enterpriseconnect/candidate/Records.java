package io.github.enterpriseconnect.candidate;

import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Mailbox;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Suspensions;
import java.util.Optional;
import java.util.Set;

/**
 * What we ourselves have on record of a user; see {@link io.github.enterpriseconnect.core.Candidate} for the questions.
 */
interface Records {
    Link link(LinkId id);

    boolean suspended(Suspensions.Subject subject);

    boolean optedOut();

    boolean proven(Mailbox mailbox);

    boolean cameThrough(Set<String> identityProviders);

    /** How the user's directory was set up when the link denied them for that; empty if it has not, or not for good. */
    Optional<String> deniedBy(LinkId link, Reason denial);

    boolean coolingDown(Mailbox mailbox);

    boolean noticed(LinkId link);

    /** Whether the user stores may be searched for others with the same address. */
    boolean searching();
}
