package io.github.enterpriseconnect;

/** The name that Keycloak, its administrators and applications know us by. */
public final class EnterpriseConnect {
    /** Id of the required action, the realm resource, the admin resource, the SPI and the settings component. */
    public static final String ID = "enterprise-connect";

    private EnterpriseConnect() {}
}
