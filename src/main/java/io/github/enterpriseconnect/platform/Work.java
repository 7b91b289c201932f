package io.github.enterpriseconnect.platform;

import io.github.enterpriseconnect.core.Behaviour;
import io.github.enterpriseconnect.core.CalendarEvent;
import io.github.enterpriseconnect.core.Link;
import io.github.enterpriseconnect.settings.Settings;
import io.github.enterpriseconnect.storage.AnswerStore;
import io.github.enterpriseconnect.storage.BackfillStore;
import io.github.enterpriseconnect.storage.ChangeStore;
import io.github.enterpriseconnect.storage.CredentialStore;
import io.github.enterpriseconnect.storage.DelegationStore;
import io.github.enterpriseconnect.storage.DenialStore;
import io.github.enterpriseconnect.storage.FormerGrants;
import io.github.enterpriseconnect.storage.HeldMailboxes;
import io.github.enterpriseconnect.storage.InvitationStore;
import io.github.enterpriseconnect.storage.LinkHealth;
import io.github.enterpriseconnect.storage.LinkRecovery;
import io.github.enterpriseconnect.storage.LinkStore;
import io.github.enterpriseconnect.storage.MemberRecordStore;
import io.github.enterpriseconnect.storage.MemberStore;
import io.github.enterpriseconnect.storage.MoveStore;
import io.github.enterpriseconnect.storage.NoticeStore;
import io.github.enterpriseconnect.storage.NotificationStore;
import io.github.enterpriseconnect.storage.PeopleStore;
import io.github.enterpriseconnect.storage.ProfileStore;
import io.github.enterpriseconnect.storage.ReplacementStore;
import io.github.enterpriseconnect.storage.ResourceGrants;
import io.github.enterpriseconnect.storage.ResourceListStore;
import io.github.enterpriseconnect.storage.ResourceRecordStore;
import io.github.enterpriseconnect.storage.ResourceStore;
import io.github.enterpriseconnect.storage.RevocationStore;
import io.github.enterpriseconnect.storage.RosterStore;
import io.github.enterpriseconnect.storage.Storage;
import io.github.enterpriseconnect.storage.SuspensionStore;
import io.github.enterpriseconnect.storage.SweepStore;
import io.github.enterpriseconnect.storage.TokenUseStore;
import io.github.enterpriseconnect.storage.VerificationStore;
import io.github.enterpriseconnect.storage.WaitingStore;
import io.github.enterpriseconnect.storage.WatchStore;
import io.github.enterpriseconnect.storage.WrittenAttributes;
import java.util.List;
import java.util.Optional;

/**
 * One realm within one transaction: whoever is handed a work reads and writes in that transaction, and calls nobody
 * remote. A method that takes ids instead opens a transaction of its own by {@link Transactions}.
 */
public interface Work {
    Realm realm();

    Users users();

    /** Members' sealed credentials. */
    CredentialStore credentials();

    Storage storage();

    /** Who is signed in. */
    Sessions sessions();

    /** Runs what must not happen before, or without, the commit of this transaction. It must not throw. */
    void afterCommit(Runnable followUp);

    /** Publishes this once the transaction has been committed; see {@link #tell}. */
    void announce(CalendarChanged changed);

    /**
     * Tells whom it concerns what has happened, in the transaction in which it happens: the consumers that may fetch these
     * tokens, durably, and whoever listens on this node. While the settings cannot be read, which are the consumers is found
     * out later.
     */
    default void tell(CalendarEvent event) {
        Optional<Settings> settings = realm().settings();
        if (settings.isEmpty() || notifications().unaddressed(event.subject())) {
            notifications().add(event, List.of(NotificationStore.EVERYBODY));
            announce(new CalendarChanged(event, List.of()));
            return;
        }
        List<String> clients = settings.get().told(event);
        announce(new CalendarChanged(
                event,
                clients.isEmpty()
                        ? List.of()
                        : notifications().add(event, clients).entrySet().stream()
                                .map(added -> new CalendarChanged.Waiting(added.getValue(), added.getKey()))
                                .toList()));
    }

    /** How the link has members treated: as its policy states, and as the realm does in what that leaves open. */
    default Behaviour behaviour(Link link) {
        return link.policy().behaviour().over(realm().defaults());
    }

    default LinkStore links() {
        return storage().links();
    }

    default LinkHealth linkHealth() {
        return storage().linkHealth();
    }

    default LinkRecovery linkRecovery() {
        return storage().linkRecovery();
    }

    default DelegationStore delegations() {
        return storage().delegations();
    }

    default AnswerStore answers() {
        return storage().answers();
    }

    default HeldMailboxes heldMailboxes() {
        return storage().heldMailboxes();
    }

    default InvitationStore invitations() {
        return storage().invitations();
    }

    default MemberRecordStore memberRecords() {
        return storage().memberRecords();
    }

    default MemberStore members() {
        return storage().members();
    }

    default WrittenAttributes writtenAttributes() {
        return members().writtenAttributes();
    }

    default DenialStore denials() {
        return storage().denials();
    }

    default SuspensionStore suspensions() {
        return storage().suspensions();
    }

    default ProfileStore profiles() {
        return storage().profiles();
    }

    default WatchStore watches() {
        return storage().watches();
    }

    default NoticeStore notices() {
        return storage().notices();
    }

    /** What is to be sent to consumers. */
    default NotificationStore notifications() {
        return storage().notifications();
    }

    default TokenUseStore uses() {
        return storage().uses();
    }

    default WaitingStore waiting() {
        return storage().waiting();
    }

    default RosterStore roster() {
        return storage().roster();
    }

    default BackfillStore backfills() {
        return storage().backfills();
    }

    default VerificationStore verifications() {
        return storage().verifications();
    }

    default ReplacementStore replacements() {
        return storage().replacements();
    }

    default MoveStore moves() {
        return storage().moves();
    }

    default ResourceStore resources() {
        return storage().resources();
    }

    default ResourceGrants resourceGrants() {
        return storage().resourceGrants();
    }

    default ResourceRecordStore resourceRecords() {
        return storage().resources().records();
    }

    default ResourceListStore resourceLists() {
        return storage().resourceLists();
    }

    default FormerGrants formerGrants() {
        return storage().formerGrants();
    }

    default ChangeStore changes() {
        return storage().changes();
    }

    default SweepStore sweeps(SweepStore.Kind kind) {
        return storage().sweeps(kind);
    }

    default PeopleStore people() {
        return storage().people();
    }

    default RevocationStore revocations() {
        return storage().revocations();
    }
}
