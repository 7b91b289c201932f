package io.github.enterpriseconnect.candidate;

import io.github.enterpriseconnect.core.Circumstances;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.LinkId;
import io.github.enterpriseconnect.core.Mailbox;
import io.github.enterpriseconnect.core.NameOrigin;
import io.github.enterpriseconnect.core.Search;
import io.github.enterpriseconnect.core.Suspensions;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * What we ourselves have on record of a user; see {@link io.github.enterpriseconnect.core.Candidate} for the questions.
 */
interface Records {
    Link link(LinkId id);

    boolean suspended(Suspensions.Subject subject);

    boolean optedOut();

    boolean proven(Mailbox mailbox);

    boolean cameThrough(Set<String> identityProviders);

    /**
     * Whether the user seems to be without what the link denies, only since the directory is set up otherwise than then.
     *
     * @param setUp how the user's directory is set up now; empty if they are in none
     */
    boolean doubtfullyWithout(LinkId link, Supplier<Optional<String>> setUp);

    boolean coolingDown(Mailbox mailbox);

    /** Whether an answer under these very circumstances has borne another name. */
    boolean answeredOtherwise(Circumstances circumstances);

    /** Whether a resource of the realm has this address. */
    boolean ofResource(Mailbox mailbox);

    boolean noticed(LinkId link);

    /** By whom came what the attribute was last seen to say; empty if nobody has noted that. */
    Optional<NameOrigin> nameOrigin(String attribute);

    /**
     * Whether somebody else has the mailbox as address or calendar name, as far as that has to be found out.
     *
     * @param search finds it out
     */
    boolean heldElsewhere(Mailbox mailbox, Search how, Predicate<Search> search);

    /** Whether the user stores may be searched for others with the same address. */
    boolean searching();
}
