package io.github.enterpriseconnect.simulator;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Set;

/**
 * Whoever authorized an application: a service account or the owner of a mailbox. There is one per application and
 * address, and it is an authorization as a whole: revoking it ends all its tokens (contract 4.1).
 */
abstract sealed class Account permits ServiceAccount, Mailbox {
    private final Application application;
    private final String sub;
    private volatile Scopes scope;
    private volatile boolean live;

    Account(Application application, String sub) {
        this.application = application;
        this.sub = sub;
        this.scope = new Scopes(Set.of());
    }

    final Application application() {
        return application;
    }

    final String sub() {
        return sub;
    }

    final Scopes scope() {
        return scope;
    }

    /** Whether the authorization stands. */
    final boolean live() {
        return live;
    }

    final void authorized(Scopes granted) {
        scope = granted;
        live = true;
    }

    final void revoked() {
        live = false;
    }

    /** What the control API calls it. */
    abstract String kind();

    /** Its domain or mailbox. */
    abstract String address();

    /** How long its access tokens live. */
    abstract int tokenSeconds(Switches switches);

    /** What the token answer to a code says of it (contract 2.1). */
    abstract void addToTokenAnswer(ObjectNode answer, Switches switches);

    /** Contract 5.1. */
    abstract ObjectNode userinfo(Switches switches);

    /** Contract 5.2. */
    abstract ObjectNode account();
}
