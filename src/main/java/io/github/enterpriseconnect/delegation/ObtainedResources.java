package io.github.enterpriseconnect.delegation;

import io.github.enterpriseconnect.core.Credential;
import io.github.enterpriseconnect.core.Delegation;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.core.Reason;
import io.github.enterpriseconnect.core.Resource;
import io.github.enterpriseconnect.core.Revocation;
import io.github.enterpriseconnect.platform.Work;
import io.github.enterpriseconnect.storage.RevocationOrder;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import org.jboss.logging.Logger;

/** What Cronofy has granted for a resource, as far as that is other than for a member. */
final class ObtainedResources {
    private static final Logger LOG = Logger.getLogger(ObtainedResources.class);

    private ObtainedResources() {}

    /** By a commit of which nobody heard, or by whoever was faster. */
    static boolean stored(Work work, Obtained obtained) {
        return work.resourceGrants()
                .credential(obtained.asked().id())
                .filter(credential ->
                        credential.tokens().equals(obtained.grant().tokens()))
                .isPresent();
    }

    /** What has ended the right since the ask; empty if nothing has. No directory is asked. */
    static Optional<Reason> ended(Work work, Delegation asked) {
        Optional<Resource> resource = work.resources().byId(asked.id());
        Link link = work.links().get(asked.link());
        if (resource.isEmpty() || !link.linked()) {
            return Optional.of(Reason.UNLINKED);
        }
        if (!resource.get().wanted()) {
            return Optional.of(Reason.ENDED_BY_ADMINISTRATOR);
        }
        boolean members = work.heldMailboxes().ofMember(asked.application(), asked.mailbox())
                || !work.users()
                        .heldHere(Set.of(asked.mailbox()), link.policy().calendarName())
                        .isEmpty();
        return members ? Optional.of(Reason.MAILBOX_OF_MEMBER) : Optional.empty();
    }

    /** Stores it; false if the row is no longer about this ask. */
    static boolean grant(Work work, Obtained obtained, Instant now) {
        Delegation asked = obtained.asked();
        Credential credential = new Credential(
                obtained.application().key(),
                obtained.subject(),
                asked.link().name(),
                asked.mailbox().address(),
                obtained.grant().tokens());
        Optional<Delegation> before = work.resources().byId(asked.id()).map(Resource::delegation);
        if (!work.resourceGrants().grant(asked, credential, now)) {
            return false;
        }
        // What was granted before, as through another service account, is used by nobody any more.
        before.filter(was -> was.live() && was.subject() != null)
                .filter(was -> !obtained.subject().equals(was.subject()))
                .ifPresent(was -> work.revocations()
                        .add(
                                new RevocationOrder(obtained.application(), String.valueOf(was.subject()), null),
                                Revocation.Cause.of(was, Reason.REPLACED),
                                now));
        LOG.infof("resource %s is granted", asked.id());
        return true;
    }
}
