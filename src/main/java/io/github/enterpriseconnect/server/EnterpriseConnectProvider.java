package io.github.enterpriseconnect.server;

import io.github.enterpriseconnect.delegation.Delegating;
import io.github.enterpriseconnect.delegation.Introductions;
import io.github.enterpriseconnect.link.InvitationMail;
import io.github.enterpriseconnect.link.Invitations;
import io.github.enterpriseconnect.link.LinkArrival;
import io.github.enterpriseconnect.link.Linking;
import io.github.enterpriseconnect.member.DryRun;
import io.github.enterpriseconnect.member.Members;
import io.github.enterpriseconnect.realm.KillSwitches;
import io.github.enterpriseconnect.realm.RealmSetup;
import io.github.enterpriseconnect.realm.SettingsChange;
import io.github.enterpriseconnect.revocation.Departures;
import io.github.enterpriseconnect.revocation.Revoking;
import io.github.enterpriseconnect.token.AccessTokens;
import org.keycloak.provider.Provider;

/**
 * What the edges (required action, realm resource, admin resource, listeners) ask for: the parts that the composition root
 * has wired, the same for every session.
 */
public interface EnterpriseConnectProvider extends Provider {
    /** Invitations to authorize service accounts. */
    Invitations invitations();

    /** Sending them. */
    InvitationMail invitationMail();

    /** What follows when somebody has authorized one. */
    LinkArrival linkArrival();

    /** Links as they stand, and their end. */
    Linking linking();

    /** Asking for members and taking Cronofy's answers. */
    Delegating delegating();

    /** What a member who signs in is shown. */
    Introductions introductions();

    /** Access tokens for applications. */
    AccessTokens accessTokens();

    /** Changes to a realm's settings and switch. */
    SettingsChange settingsChange();

    /** What a realm needs while it is switched on. */
    RealmSetup realmSetup();

    /** What is known of members, and what administrators do for one. */
    Members members();

    /** What would become of a link's members. */
    DryRun dryRun();

    /** Users and organizations that are changed or removed. */
    Departures departures();

    /** The kill switches. */
    KillSwitches killSwitches();

    /** What became of rights that ended. */
    Revoking revoking();
}
