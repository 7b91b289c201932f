package io.github.enterpriseconnect;

import org.keycloak.provider.Provider;

/**
 * What the edges (required action, realm resource, admin resource, listeners) ask for: the parts that the composition root
 * has wired, the same for every session.
 */
public interface EnterpriseConnect extends Provider {
    /** Id of everything that Keycloak knows of us. */
    String ID = "enterprise-connect";

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
