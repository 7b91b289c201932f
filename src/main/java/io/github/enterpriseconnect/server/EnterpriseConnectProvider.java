package io.github.enterpriseconnect.server;

import io.github.enterpriseconnect.delegation.Backfills;
import io.github.enterpriseconnect.delegation.DelegationAnswers;
import io.github.enterpriseconnect.delegation.DelegationQueue;
import io.github.enterpriseconnect.delegation.ForgottenSignIns;
import io.github.enterpriseconnect.delegation.LinkVerifications;
import io.github.enterpriseconnect.delegation.Notifications;
import io.github.enterpriseconnect.delegation.Replacements;
import io.github.enterpriseconnect.delegation.ResourceAsks;
import io.github.enterpriseconnect.delegation.SignInDecision;
import io.github.enterpriseconnect.link.InvitationMail;
import io.github.enterpriseconnect.link.Invitations;
import io.github.enterpriseconnect.link.LinkAuthorization;
import io.github.enterpriseconnect.link.LinkExamination;
import io.github.enterpriseconnect.link.Links;
import io.github.enterpriseconnect.link.RemovedRealms;
import io.github.enterpriseconnect.member.DryRun;
import io.github.enterpriseconnect.member.MemberCounts;
import io.github.enterpriseconnect.member.MemberSelfService;
import io.github.enterpriseconnect.member.Members;
import io.github.enterpriseconnect.member.Roster;
import io.github.enterpriseconnect.notification.NotificationDispatcher;
import io.github.enterpriseconnect.realm.KillSwitches;
import io.github.enterpriseconnect.realm.RealmSetup;
import io.github.enterpriseconnect.realm.SettingsChange;
import io.github.enterpriseconnect.resource.ResourceLists;
import io.github.enterpriseconnect.resource.Resources;
import io.github.enterpriseconnect.revocation.Reconciler;
import io.github.enterpriseconnect.revocation.UserChanges;
import io.github.enterpriseconnect.token.AccessTokens;
import io.github.enterpriseconnect.token.ResourceTokens;
import java.time.Instant;
import org.keycloak.provider.Provider;

/**
 * What the doors (required action, realm resource, admin resource, listeners) ask for: the parts that the composition
 * root has wired, the same for every session.
 */
public interface EnterpriseConnectProvider extends Provider {
    /** The time by which everything here goes. */
    Instant now();

    /** Invitations to authorize service accounts. */
    Invitations invitations();

    /** Sending them. */
    InvitationMail invitationMail();

    /** What follows when somebody has authorized one. */
    LinkAuthorization linkAuthorization();

    /** Links proven by one real mailbox. */
    LinkVerifications linkVerifications();

    /** Changes to links, and their end. */
    Links links();

    /** What links lack of their realm. */
    LinkExamination linkExamination();

    /** Realms that are removed, and may come back. */
    RemovedRealms removedRealms();

    /** Whether a member who signs in is due, and what they are shown. */
    SignInDecision signInDecision();

    /** Members who are to be delegated. */
    DelegationQueue delegationQueue();

    /** Asking for all members of a link. */
    Backfills backfills();

    /** Other service accounts in place of present ones. */
    Replacements replacements();

    /** Members whom memory has forgotten. */
    ForgottenSignIns forgottenSignIns();

    /** Cronofy's answers to asks. */
    DelegationAnswers delegationAnswers();

    /** Cronofy's notifications of what has happened to calendars. */
    Notifications notifications();

    /** Access tokens for applications. */
    AccessTokens accessTokens();

    /** Access tokens of resources. */
    ResourceTokens resourceTokens();

    /** What administrators decide about resources. */
    Resources resources();

    /** What Cronofy lists of them. */
    ResourceLists resourceLists();

    /** Asking for them. */
    ResourceAsks resourceAsks();

    /** Changes to a realm's settings and switch. */
    SettingsChange settingsChange();

    /** What a realm needs while it is switched on. */
    RealmSetup realmSetup();

    /** What administrators ask of a single member, and do for one. */
    Members members();

    /** What members see and choose on their own pages. */
    MemberSelfService memberSelfService();

    /** What would become of a link's members. */
    DryRun dryRun();

    /** The same of all members of a link, counted in the background. */
    MemberCounts memberCounts();

    /** Members as applications read them. */
    Roster roster();

    /** Users who are changed or removed. */
    UserChanges userChanges();

    /** Looking at everybody again and again. */
    Reconciler reconciler();

    /** What consumers are told of calendars. */
    NotificationDispatcher notificationDispatcher();

    /** The kill switches. */
    KillSwitches killSwitches();
}
